import type { Limits } from "../contracts/passage.ts";

const DIGITS = 4;

/** A score with the digits that a reader needs. */
export function rounded(score: number): number {
  return Number(score.toFixed(DIGITS));
}

export function roundedLimits({ refuse, answer }: Limits): Limits {
  return { refuse: rounded(refuse), answer: rounded(answer) };
}
