/** Names of the ladder's rows. */
export const ROWS = {
  bm25: "BM25",
  dense: "dense",
  /** Reciprocal rank fusion, the usual baseline. */
  rrf: "rrf",
  /** Cosine and BM25 added by weight. */
  weighted: "weighted",
  /** `weighted` again, with the question expanded by the first results. */
  feedback: "feedback",
  /** `feedback` with its candidates also matched by heading: the served order without a reranker. */
  retrieval: "retrieval",
  /** Retrieval's candidates by P(relevant) from cosine and BM25: the gain from calibration without a reranker. */
  withoutLogit: "retrieval, calibrated",
  /** The champion's models on this corpus: the order that serves if nothing is promoted. */
  champion: "champion",
  /** By the logit of the reranker before training on these docs. */
  untrained: "untrained",
  /** The calibrated order with the untrained weights, if the tuned ones serve. */
  untrainedCalibrated: "untrained, calibrated",
  /** By the logit of the reranker after training on these docs. */
  tuned: "tuned",
  /** The calibrated order with the tuned weights, if the untrained ones serve. */
  tunedCalibrated: "tuned, calibrated",
  /** The order with the reranker on and the better weights. The gate decides whether it or `retrieval` serves. */
  served: "served",
} as const;
export type RowName = (typeof ROWS)[keyof typeof ROWS];
