import type { Response } from "../../activities/ask.ts";
import type { QuestionRequest } from "../../activities/light.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { RankedQuestion } from "../../core/serving/ranked.ts";

/** Requests that the stubs received, in order, and their behaviour. */
interface Asked {
  calls: string[];
  during: Record<string, (input: unknown) => Promise<void> | void>;
  abstain: boolean;
  model: string | null;
}

const candidate = {
  id: "p1",
  page: "jobs.md",
  heading: ["Jobs", "Run one"],
  url: "/jobs#run",
  lines: [1, 9] as [number, number],
  window: 0,
  scores: { bm25: 3, cosine: 0.6, fused: 0.03, logit: null, relevance: 0.7 },
  rank: { retrieval: 1, served: 1 },
};

/** Stub activities of workflow `ask`. */
export function askActivities(play: Asked) {
  const result = (kind: AskResult["kind"]) => async (input: RankedQuestion) => {
    play.calls.push(kind);
    await play.during[kind]?.(input);
    const { release, ranking, threshold, limits } = input.ranked;
    const fixed = { refusedBy: null, why: null, model: play.model, candidates: [] };
    return {
      answer: kind,
      kind,
      citations: [],
      closest: [],
      unsupported: [],
      receipt: { release, corpus: input.corpus, ranking, threshold, limits, ...fixed },
    } satisfies AskResult;
  };
  return {
    async respond(request: QuestionRequest): Promise<Response> {
      play.calls.push("respond");
      await play.during.respond?.(request);
      const { question, release, corpus, passages } = request;
      const shown = { release, ranking: "retrieval" as const, passages: [candidate], threshold: 0.5 };
      const ranked = { ...shown, limits: { refuse: 0.5, answer: 0.5 }, abstain: play.abstain, unsure: false };
      if (play.model !== null && !play.abstain) return { seconds: {}, answer: null, ranked, model: play.model };
      const kind = play.abstain ? "abstained" : "extractive";
      return { seconds: {}, answer: await result(kind)({ question, corpus, passages, ranked }) };
    },
    answer: result("llm"),
    degrade: result("degraded"),
  };
}
