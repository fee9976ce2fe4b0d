import type { AskResult, Citation } from "../../../contracts/ask.ts";
import type { PayloadKeys } from "../../base/payloadKeys.ts";
import type { FinishedQuestion } from "../answerKeeper.ts";

export const KEYS: PayloadKeys = { current: "a", keys: new Map([["a", Buffer.alloc(32, 1)]]) };

const citation: Citation = {
  page: "job.md",
  heading: ["Jobs"],
  url: "/job",
  lines: [1, 2],
  quote: "A Job creates pods.",
};

/** A question that was answered by quotation, unless `result` says otherwise. */
export function finished(
  id: string,
  at: string,
  { question = "what does a Job do?", ...result }: Partial<AskResult> & { question?: string } = {},
): FinishedQuestion {
  const candidate = {
    ...{ id: "p1", page: "job.md", heading: ["Jobs"], url: "/job", dropped: null },
    scores: { bm25: 4, cosine: 0.7, fused: 0.3, logit: 2, relevance: 0.91 },
    rank: { retrieval: 2, served: 1 },
  };
  const receipt = {
    ...{ release: "r1", corpus: "docs", ranking: "reranked" as const, threshold: 0.58, model: null },
    ...{ limits: { refuse: 0.58, answer: 0.58 }, refusedBy: null, why: null, candidates: [candidate] },
  };
  const rest = { closest: [], unsupported: [], receipt };
  return {
    ...{ id, at, question },
    result: { answer: "A Job creates pods. [1]", kind: "extractive", citations: [citation], ...rest, ...result },
  };
}
