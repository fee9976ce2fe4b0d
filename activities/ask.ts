import { Context } from "@temporalio/activity";
import type { AskResult } from "../contracts/ask.ts";
import { DEMO_PREFIX } from "../contracts/names.ts";
import type { Asked } from "../core/answering/asked.ts";
import { answerBy, modeFor } from "../core/answering/modes/index.ts";
import type { Tools } from "../core/answering/modes/mode.ts";
import type { Llm } from "../core/llm/llm.ts";
import type { OnText } from "../core/llm/streamedReply.ts";
import type { AnswerKeeper } from "../core/records/answerKeeper.ts";
import type { EnginePool, EngineService } from "../core/serving/enginePool.ts";
import type { Ranked, RankedQuestion } from "../core/serving/ranked.ts";
import type { Turns } from "../core/serving/turns.ts";
import type { Releases } from "../core/storage/releases.ts";
import { withHeartbeat, withTextHeartbeat } from "./heartbeat.ts";
import type { QuestionRequest } from "./light.ts";

export interface AskDeps {
  releases: Pick<Releases, "read">;
  engines: Pick<EnginePool, "use">;
  /** The operator's LLM endpoint; null answers by quotation. */
  llm: Llm | null;
  /** Turns at the engines, which compute one request at a time. They bound the number of waiting questions. */
  turns: Turns;
  /** Keeps a record of every answer. */
  keeper: Pick<AnswerKeeper, "keep">;
}

/** Outcome of one visit to the query pool: an answer, or the candidates for the LLM to answer from. */
export type Response = {
  /** Seconds of each step. */
  seconds: Record<string, number>;
} & ({ answer: AskResult } | { answer: null; ranked: Ranked; model: string });

export function createAskActivities({ releases, engines, llm, turns, keeper }: AskDeps) {
  const onEngine = async <T>(id: string, signal: AbortSignal, work: (engine: EngineService) => Promise<T>) =>
    engines.use(await releases.read(id), work, signal);
  /** The question with its texts, and the tools of its answer mode. The engine is free again before the LLM call. */
  const prepared = async (question: RankedQuestion, signal: AbortSignal, onText?: OnText): Promise<[Asked, Tools]> => {
    const { release } = question.ranked;
    const asked = await onEngine(release, signal, (engine) => engine.request("asked", question));
    const similarities = (text: string, sentences: string[]) =>
      onEngine(release, signal, (engine) => engine.request("similarities", text, sentences));
    return [asked, { similarities, llm, failure: null, signal, onText }];
  };
  /** Leaves a record of the answer, except of a demonstration's. An attempt that is repeated replaces it. */
  const recorded = async (question: string, result: AskResult): Promise<AskResult> => {
    const { info, log } = Context.current();
    const id = info.workflowExecution?.workflowId;
    if (id === undefined || id.startsWith(DEMO_PREFIX)) return result;
    const at = new Date(info.scheduledTimestampMs).toISOString();
    await keeper.keep({ id, at, question, result }, (reason) => log.warn("an answer is not on record", { reason }));
    return result;
  };
  return {
    /**
     * Does everything that needs no LLM in one request to the engine: retrieve, rerank, and refuse or quote. Throws
     * Busy when too many questions wait.
     */
    respond: ({ release: id, question, corpus, k, passages }: QuestionRequest): Promise<Response> =>
      withHeartbeat("ask", async ({ signal }) => {
        const release = await releases.read(id);
        const options = { corpus, k, passages, mode: modeFor(llm) };
        const visit = (engine: EngineService) => engine.request("answer", question, options);
        const served = await turns.take(() => engines.use(release, visit, signal), signal);
        if (served.answer === null) return { ...served, model: llm!.model };
        await recorded(question, served.answer);
        return served;
      }),

    /**
     * One attempt of the LLM; the workflow retries it. A worker without an LLM quotes. With `stream`, heartbeats carry
     * the text while it is written.
     */
    answer: ({ stream, ...question }: RankedQuestion & { stream?: boolean }): Promise<AskResult> => {
      const attempt = async (signal: AbortSignal, onText?: OnText) =>
        recorded(question.question, await answerBy(modeFor(llm), ...(await prepared(question, signal, onText))));
      return stream ? withTextHeartbeat(attempt) : withHeartbeat("ask", ({ signal }) => attempt(signal));
    },

    /** Returns the marked passages after the LLM stayed down. */
    degrade: ({ why, ...question }: RankedQuestion & { why: string }): Promise<AskResult> =>
      withHeartbeat("ask", async ({ signal }) => {
        const [asked, tools] = await prepared(question, signal);
        return recorded(question.question, await answerBy("degraded", asked, { ...tools, failure: why }));
      }),
  };
}
