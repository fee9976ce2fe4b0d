/** Margins of the gate, in nDCG@10 unless noted. */
export interface GateOptions {
  /** Loss against the champion that still counts as "not worse". */
  margin: number;
  /** Gain that counts as better by point estimate, if the interval's low end stays above `floor`. */
  gain: number;
  floor: number;
  /** On generated questions, the required gain is multiplied by this and the allowed loss divided by it. */
  generatedFactor: number;
  /**
   * Low end that suffices for an untrained reranker on generated questions, if its point estimate is no loss. It cannot
   * overfit to such questions, and they understate it because they reuse the docs' wording
   * (docs/evaluation.md#generated-questions).
   */
  untrainedFloor: number;
  /** Budget for reranking one question at the 95th percentile, in milliseconds. */
  p95BudgetMs: number;
  /** Rise of the mean of both abstention error rates that still counts as "no worse". */
  abstentionMargin: number;
}

export const GATE_DEFAULTS: GateOptions = {
  margin: 0.01,
  gain: 0.02,
  floor: -0.01,
  generatedFactor: 2,
  untrainedFloor: -0.05,
  p95BudgetMs: 4000,
  abstentionMargin: 0.05,
};
