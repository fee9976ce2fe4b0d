/** Names of the ladder's rows. */
export const ROWS = {
  bm25: "BM25",
  dense: "dense",
  /** Reciprocal rank fusion, the usual baseline. */
  rrf: "hybrid",
  /** Cosine and BM25 added by weight. */
  weighted: "hybrid, weighted",
  /** The same once more, with what the first results add to the question. */
  feedback: "hybrid with feedback",
  /** Its candidates by their headings as well: what serves without a reranker. */
  hybrid: "hybrid with headings",
  /** Hybrid candidates by P(relevant) from cosine and BM25: what calibration gains without a reranker. */
  withoutLogit: "hybrid, calibrated",
  /** The champion's models on this corpus: what would go on serving. */
  champion: "champion",
  /** The reranker before any training on these docs. */
  base: "+ base reranker",
  /** What would serve if nothing had been trained. */
  baseCalibrated: "+ base, calibrated",
  tuned: "+ tuned reranker",
  /** What would serve with the tuned weights, where those before training serve. */
  tunedCalibrated: "+ tuned, calibrated",
  /** What the candidate serves with its reranker on. */
  calibrated: "+ calibrated",
} as const;
export type RowName = (typeof ROWS)[keyof typeof ROWS];
