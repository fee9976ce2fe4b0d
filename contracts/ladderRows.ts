/** Names of the ladder's rows. */
export const ROWS = {
  bm25: "BM25",
  dense: "dense",
  /** Reciprocal rank fusion, the usual baseline. */
  rrf: "rrf",
  /** Cosine and BM25 added by weight. */
  weighted: "weighted",
  /** The same once more, with what the first results add to the question. */
  feedback: "feedback",
  /** Its candidates by their headings as well: what serves without a reranker. */
  retrieval: "retrieval",
  /** Candidates of retrieval by P(relevant) from cosine and BM25: the gain of calibration without a reranker. */
  withoutLogit: "retrieval, calibrated",
  /** The champion's models on this corpus: what would go on serving. */
  champion: "champion",
  /** By the logit of the reranker before any training on these docs. */
  untrained: "untrained",
  /** The order with the untrained weights, where the tuned ones serve. */
  untrainedCalibrated: "untrained, calibrated",
  /** By the logit of the reranker after it. */
  tuned: "tuned",
  /** The order with the tuned weights, where the untrained ones serve. */
  tunedCalibrated: "tuned, calibrated",
  /** The order with the reranker on, by the weights that would serve; the gate decides whether it or `retrieval` serves. */
  served: "served",
} as const;
export type RowName = (typeof ROWS)[keyof typeof ROWS];
