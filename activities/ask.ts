import type { AskResult } from "../contracts/ask.ts";
import type { Asked } from "../core/answering/asked.ts";
import { answerBy, modeFor } from "../core/answering/modes/index.ts";
import type { Tools } from "../core/answering/modes/mode.ts";
import type { Llm } from "../core/llm/llm.ts";
import type { EnginePool, EngineService } from "../core/serving/enginePool.ts";
import type { Ranked, RankedQuestion } from "../core/serving/ranked.ts";
import type { Turns } from "../core/serving/turns.ts";
import type { Releases } from "../core/storage/releases.ts";
import { withHeartbeat } from "./heartbeat.ts";
import type { QuestionRequest } from "./light.ts";

export interface AskDeps {
  releases: Pick<Releases, "read">;
  engines: Pick<EnginePool, "use">;
  /** The operator's endpoint; null answers by quotation. */
  llm: Llm | null;
  /** Turns at the engines, which compute one thing at a time: they bound the questions that wait. */
  turns: Turns;
}

/** The outcome of one visit to the query pool: an answer, or the candidates that the LLM named is to answer from. */
export type Response = {
  /** Seconds of each step. */
  seconds: Record<string, number>;
} & ({ answer: AskResult } | { answer: null; ranked: Ranked; model: string });

export function createAskActivities({ releases, engines, llm, turns }: AskDeps) {
  const onEngine = async <T>(id: string, signal: AbortSignal, work: (engine: EngineService) => Promise<T>) =>
    engines.use(await releases.read(id), work, signal);
  /** The question with its texts, and what a mode may use. The engine is free again before the LLM is called. */
  const prepared = async (question: RankedQuestion, signal: AbortSignal): Promise<[Asked, Tools]> => {
    const { release } = question.ranked;
    const asked = await onEngine(release, signal, (engine) => engine.request("asked", question));
    const similarities = (text: string, sentences: string[]) =>
      onEngine(release, signal, (engine) => engine.request("similarities", text, sentences));
    return [asked, { similarities, llm, failure: null, signal }];
  };
  return {
    /**
     * All that needs no LLM, in one visit and one request to the engine: retrieve, rerank, and refuse or quote. Throws
     * Busy where too many questions wait for their turn.
     */
    respond: ({ release: id, question, corpus, k, passages }: QuestionRequest): Promise<Response> =>
      withHeartbeat("ask", async ({ signal }) => {
        const release = await releases.read(id);
        const options = { corpus, k, passages, mode: modeFor(llm) };
        const visit = (engine: EngineService) => engine.request("answer", question, options);
        const served = await turns.take(() => engines.use(release, visit, signal), signal);
        return served.answer === null ? { ...served, model: llm!.model } : served;
      }),

    /** One attempt of the LLM; its retries are the workflow's. A worker without an LLM quotes. */
    answer: (question: RankedQuestion): Promise<AskResult> =>
      withHeartbeat("ask", async ({ signal }) => answerBy(modeFor(llm), ...(await prepared(question, signal)))),

    /** The passages, marked, where the LLM stayed down. */
    degrade: ({ why, ...question }: RankedQuestion & { why: string }): Promise<AskResult> =>
      withHeartbeat("ask", async ({ signal }) => {
        const [asked, tools] = await prepared(question, signal);
        return answerBy("degraded", asked, { ...tools, failure: why });
      }),
  };
}
