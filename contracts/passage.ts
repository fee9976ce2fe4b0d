/** Number of candidates that are reranked for a question. */
export const SERVING_DEPTH = 30;

/** A piece of a page that fits into the reranker together with a question. */
export interface Passage {
  /** Stable within a corpus: derived from page, anchor and position in the section. */
  id: string;
  /** Path of the source file relative to the docs root, with forward slashes. */
  page: string;
  /** Heading trail from the page title to the section: `["Pods", "Pod lifecycle", "Container probes"]`. */
  heading: string[];
  /** Address of the section, with its anchor if it has one. */
  url: string;
  /** First and last line in the source file, 1-based and inclusive. */
  lines: [number, number];
  /** Text that a reader of the rendered page sees, without the heading trail. */
  text: string;
}

/** Every score of a candidate passage. `null` if the stage that computes it was off. */
export interface PassageScores {
  /** Raw BM25 score. */
  bm25: number;
  /**
   * Cosine of the question's embedding and that of the passage's nearest window, -1..1. One of another embedder than
   * all-MiniLM-L6-v2 is mapped to its scale, and may lie outside.
   */
  cosine: number;
  /** Weighted sum of the two: the order of retrieval. */
  fused: number;
  /** Raw logit of the cross-encoder. */
  logit: number | null;
  /**
   * Calibrated P(relevant), 0..1: one absolute scale for a whole release. An estimate if the release is not measured.
   */
  relevance: number;
}

export interface RankedPassage extends Passage {
  /**
   * Zero-based index of the passage's window nearest to the question: the part of a long passage that the reranker
   * reads.
   */
  window: number;
  scores: PassageScores;
  /** 1-based rank in retrieval and in the served order. */
  rank: { retrieval: number; served: number };
}

export type Ranking = "reranked" | "retrieval";

/** Between these values of the best relevance Winnow is not sure whether the docs answer. */
export interface Limits {
  /** Below it, a question is refused. At most the threshold. */
  refuse: number;
  /** From it on, a question is answered. At least the threshold. */
  answer: number;
}

/** Result of a search. */
export interface SearchResult {
  release: string;
  ranking: Ranking;
  passages: RankedPassage[];
  /** Smallest relevance of a passage that an answer may use. An unsure one may use those from `limits.refuse` on. */
  threshold: number;
  limits: Limits;
  /** True when no passage reaches `limits.refuse`. */
  abstain: boolean;
  /** True when the best passage lies between the limits. */
  unsure: boolean;
  /** The release is not measured yet, so nobody knows how good threshold and relevance are; absent otherwise. */
  unmeasured?: true;
}
