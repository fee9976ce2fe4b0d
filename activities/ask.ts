import type { AskResult } from "../contracts/ask.ts";
import { type Asked, abstention, composeAnswer, degraded, llmAnswer } from "../core/answering/answer.ts";
import type { Llm } from "../core/llm/llm.ts";
import type { Candidate } from "../core/serving/engine.ts";
import type { EnginePool, EngineService } from "../core/serving/enginePool.ts";
import type { Releases } from "../core/storage/releases.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { type Ranked, withoutText } from "./respond.ts";

export interface AskDeps {
  releases: Releases;
  engines: EnginePool;
  /** The operator's endpoint; null answers by quotation. */
  llm: Llm | null;
}

export interface RetrieveInput {
  release: string;
  question: string;
  k: number;
}

export interface RerankInput {
  release: string;
  question: string;
  candidates: Candidate[];
}

export interface AnswerInput {
  question: string;
  corpus: string;
  /** Passages the answer may draw on. */
  passages: number;
  ranked: Ranked;
}

export function createAskActivities({ releases, engines, llm }: AskDeps) {
  const withEngine = <T>(release: string, work: (engine: EngineService) => Promise<T>): Promise<T> =>
    withHeartbeat("ask", async ({ signal }) => engines.use(await releases.read(release), work, signal));
  const withTexts = async (engine: EngineService, input: AnswerInput): Promise<Asked> => {
    const { question, corpus, passages, ranked } = input;
    const whole = await engine.request("withTexts", ranked.passages);
    const states = await engine.request("states", question, whole.slice(0, passages));
    return { question, corpus, passages, search: { ...ranked, passages: whole }, states };
  };
  /** An answer quoted from the passages, to the letter. */
  const quote = (input: AnswerInput): Promise<AskResult> =>
    withEngine(input.ranked.release, async (engine) =>
      composeAnswer(await withTexts(engine, input), null, (question, sentences) =>
        engine.request("similarities", question, sentences),
      ),
    );
  return {
    /** Candidates by retrieval, and the model that will answer. */
    retrieve: ({ release, question, k }: RetrieveInput) =>
      withEngine(release, async (engine) => {
        const candidates = await engine.request("retrieve", question, k);
        return { candidates: candidates.map(withoutText), model: llm?.model ?? null };
      }),

    /** The order served, each candidate's relevance, and whether any is relevant enough. */
    rerank: ({ release, question, candidates }: RerankInput) =>
      withEngine(release, async (engine): Promise<Ranked> => {
        const passages = await engine.request("withTexts", candidates);
        const search = await engine.request("result", await engine.request("rerank", question, passages));
        return { ...search, passages: search.passages.map(withoutText) };
      }),

    /** "Not in these docs", with the closest passages; no LLM is called. */
    abstain: (input: AnswerInput): Promise<AskResult> =>
      withEngine(input.ranked.release, async (engine) => abstention(await withTexts(engine, input), "threshold", null)),

    quote,

    /** One attempt of the LLM; its retries are the workflow's. */
    async answer(input: AnswerInput): Promise<AskResult> {
      // A worker whose operator configured no LLM still answers.
      if (llm === null) return quote(input);
      const asked = await withEngine(input.ranked.release, (engine) => withTexts(engine, input));
      return withHeartbeat("ask", ({ signal }) => llmAnswer(asked, llm, signal));
    },

    /** The passages, flagged, where the LLM stayed down. */
    degrade: ({ why, ...input }: AnswerInput & { why: string }): Promise<AskResult> =>
      withEngine(input.ranked.release, async (engine) =>
        degraded(await withTexts(engine, input), why, llm?.model ?? null),
      ),
  };
}
