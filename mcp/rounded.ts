const DIGITS = 4;

/** A score with the digits that a reader needs. */
export function rounded(score: number): number {
  return Number(score.toFixed(DIGITS));
}
