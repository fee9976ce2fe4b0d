import type { Citation } from "../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";

export function citation(heading: string, url: string): Citation {
  return { page: "page.md", heading: heading.split(" > "), url, lines: [3, 9], quote: `About ${heading}.` };
}

/** An LLM's answer as the workflow records it. */
export function answerOf(answer: string, citations: Citation[]): IdentifiedAnswer {
  const candidate = {
    ...{ id: "p1", page: "page.md", heading: ["Jobs"], url: "https://docs.test/jobs", dropped: null },
    scores: { bm25: 4, cosine: 0.7, fused: 0.3, logit: 2, relevance: 0.91 },
    rank: { retrieval: 1, served: 1 },
  };
  const receipt = {
    ...{ release: "r1", corpus: "docs", ranking: "reranked" as const, threshold: 0.58, model: "scripted" },
    limits: { refuse: 0.58, answer: 0.58 },
    ...{ refusedBy: null, why: null, candidates: [candidate] },
  };
  return { id: "ask-1", answer, kind: "llm", citations, closest: [], unsupported: [], receipt };
}

/** A refusal as the workflow records it. */
export function abstention(): IdentifiedAnswer {
  const { receipt, ...answer } = answerOf(
    "The docs do not seem to answer this question. The closest passages are listed.",
    [],
  );
  const candidates = receipt.candidates.map((each) => ({ ...each, scores: { ...each.scores, relevance: 0.31 } }));
  const why = "the best relevance, 0.31, is below the threshold 0.58";
  return {
    ...{ ...answer, kind: "abstained", closest: [citation("Jobs", "https://docs.test/jobs")] },
    receipt: { ...receipt, model: null, refusedBy: "threshold", why, candidates },
  };
}
