import type { AskResult } from "../contracts/ask.ts";
import type { SearchResult } from "../contracts/passage.ts";
import { abstention, composeAnswer } from "../core/answering/answer.ts";
import type { Candidate } from "../core/serving/engine.ts";
import type { EnginePool, EngineService } from "../core/serving/enginePool.ts";
import type { Turns } from "../core/serving/turns.ts";
import type { Releases } from "../core/storage/releases.ts";
import { withHeartbeat } from "./heartbeat.ts";
import type { QuestionRequest } from "./light.ts";

/** A search as it crosses Temporal: candidates without their texts. */
export interface Ranked extends Omit<SearchResult, "passages"> {
  passages: Candidate[];
}

/** What one visit to the query pool came to: an answer, or what the LLM named is to answer from. */
export type Response = {
  /** Seconds of each step. */
  seconds: Record<string, number>;
} & ({ answer: AskResult } | { answer: null; ranked: Ranked; model: string });

export interface RespondDeps {
  releases: Releases;
  engines: EnginePool;
  /** Name of the operator's model; null answers by quotation. */
  model: string | null;
  /** Turns at the engines, which compute one thing at a time: they bound the questions that wait. */
  turns: Turns;
}

export function createRespondActivities({ releases, engines, model, turns }: RespondDeps) {
  return {
    /**
     * All that needs no LLM in one visit: retrieve, rerank, and refuse or quote. Throws Busy where too many questions
     * wait for their turn.
     */
    respond: async (request: QuestionRequest): Promise<Response> => {
      return withHeartbeat("ask", async ({ signal }) => {
        const release = await releases.read(request.release);
        return turns.take(() => engines.use(release, (engine) => respond(engine, request, model), signal), signal);
      });
    },
  };
}

/** Retrieves and reranks; refuses where nothing is relevant enough, else quotes, or leaves the answer to `model`. */
async function respond(
  engine: EngineService,
  { question, corpus, k, passages }: QuestionRequest,
  model: string | null,
): Promise<Response> {
  const { seconds, lap } = stopwatch();
  const candidates = await engine.request("retrieve", question, k);
  lap("retrieve");
  const search = await engine.request("result", await engine.request("rerank", question, candidates));
  lap("rerank");
  if (model !== null && !search.abstain)
    return { seconds, answer: null, ranked: { ...search, passages: search.passages.map(withoutText) }, model };
  const states = await engine.request("states", question, search.passages.slice(0, passages));
  const asked = { question, corpus, passages, search, states };
  const scorer = (text: string, sentences: string[]) => engine.request("similarities", text, sentences);
  const answer = search.abstain ? abstention(asked, "threshold", null) : await composeAnswer(asked, null, scorer);
  lap(search.abstain ? "abstain" : "quote");
  return { seconds, answer };
}

/** Seconds between laps, by their names. */
function stopwatch() {
  const seconds: Record<string, number> = {};
  let last = performance.now();
  const lap = (name: string) => {
    const now = performance.now();
    seconds[name] = (now - last) / 1000;
    last = now;
  };
  return { seconds, lap };
}

export function withoutText<P extends Candidate>(passage: P): Candidate {
  const { id, page, heading, url, lines, window, scores, rank } = passage;
  return { id, page, heading, url, lines, window, scores, rank };
}
