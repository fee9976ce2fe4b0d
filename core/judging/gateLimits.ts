/** Margins of the gate, in nDCG@10 unless said otherwise. */
export interface GateOptions {
  /** Loss against the champion that still counts as "not worse". */
  margin: number;
  /** Gain that counts as better by point estimate, if the interval's low end stays above `floor`. */
  gain: number;
  floor: number;
  /** On generated questions the asked gain is multiplied, and the allowed loss divided, by this. */
  generatedFactor: number;
  /**
   * Low end that suffices on generated questions for an untrained reranker, if its point estimate is no loss. It has
   * learned nothing from such questions, and they, in the docs' own words, show least of what it is for: docs/evaluation.md.
   */
  untrainedFloor: number;
  /** Time one question's reranking may take at the 95th percentile, in milliseconds. */
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
