import type { RankedPassage, SearchResult } from "../../../contracts/passage.ts";
import type { Asked } from "../answer.ts";
import { coverage } from "../wordOverlap.ts";

/** A ranked passage for tests: served in the order of `n`, with the relevance given. */
export function rankedPassage(n: number, text: string, relevance: number, heading = [`Page ${n}`]): RankedPassage {
  return {
    id: `p${n}`,
    page: `page${n}.md`,
    heading,
    url: `https://docs.example/page${n}/`,
    lines: [n, n + 9],
    text,
    window: 0,
    scores: { bm25: 10 - n, cosine: 0.5, fused: 1 / (60 + n), logit: null, relevance },
    rank: { retrieval: n, served: n },
  };
}

export function askedOf(question: string, passages: RankedPassage[], threshold = 0.3): Asked {
  const abstain = passages.every((passage) => passage.scores.relevance < threshold);
  const search: SearchResult = { release: "abc123abc123", ranking: "retrieval", passages, threshold, abstain };
  return { question, corpus: "sample", search, passages: 2 };
}

/** Stands in for the embedder: shared words instead of cosine. */
export async function wordScorer(question: string, sentences: string[]): Promise<number[]> {
  return sentences.map((sentence) => coverage(question, sentence));
}
