/** Candidates reranked for a question. */
export const SERVING_DEPTH = 30;

/** A piece of a page that fits the reranker beside a question. */
export interface Passage {
  /** Stable within a corpus: derived from page, anchor and position in the section. */
  id: string;
  /** Path of the source file relative to the docs root, with forward slashes. */
  page: string;
  /** Heading trail from the page title to the section: `["Pods", "Pod lifecycle", "Container probes"]`. */
  heading: string[];
  /** Address of the section, with its anchor where it has one. */
  url: string;
  /** First and last line in the source file, 1-based and inclusive. */
  lines: [number, number];
  /** What a reader of the rendered page sees, without the heading trail. */
  text: string;
}

/** Every score a candidate passage can carry. `null` where the stage that makes it was off. */
export interface PassageScores {
  /** Raw BM25 score. */
  bm25: number;
  /** Cosine of the question's embedding and that of the passage's nearest window, -1..1. */
  cosine: number;
  /** The two added by their weights: the order of retrieval. */
  fused: number;
  /** Raw logit of the cross-encoder. */
  logit: number | null;
  /** Calibrated P(relevant), 0..1: one absolute scale for a whole release. */
  relevance: number;
}

export interface RankedPassage extends Passage {
  /** The window of the passage nearest to the question, from 0: what the reranker reads of a long one. */
  window: number;
  scores: PassageScores;
  /** 1-based rank after retrieval and in the order served. */
  rank: { retrieval: number; served: number };
}

export type Ranking = "reranked" | "retrieval";

/** What a search gives. */
export interface SearchResult {
  release: string;
  ranking: Ranking;
  passages: RankedPassage[];
  /** Smallest relevance that is served. */
  threshold: number;
  /** True when no passage reaches the threshold. */
  abstain: boolean;
}
