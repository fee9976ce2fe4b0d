/** A grade's gain: 3 gains 3, 2 gains 1, as the judgments of a question set. */
export function gainOf(grade: number): number {
  return 2 ** Math.max(0, grade - 1) - 1;
}

/** Discounted gain of the first ten passages of an order: DCG@10. */
export function discounted(gains: readonly number[]): number {
  return gains.slice(0, 10).reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);
}
