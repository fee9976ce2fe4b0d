import { meanLoss } from "./breakdown.ts";

/** Share of the steps averaged at either end: a single step's loss reflects its questions more than the model. */
const END = 0.1;
/** Fewest steps averaged at either end: losses of neighbouring steps differ by half and more. */
const FEWEST = 12;

/**
 * The mean loss of the first and of the last tenth of the steps. Averages at least twelve steps each, or the two halves
 * of a shorter run. Null before the first step.
 */
export function lossTrend(losses: readonly { loss: number }[]): { first: number; last: number } | null {
  if (losses.length === 0) return null;
  const count = Math.max(1, Math.min(Math.floor(losses.length / 2), Math.max(FEWEST, Math.round(END * losses.length))));
  return { first: meanLoss(losses.slice(0, count)), last: meanLoss(losses.slice(-count)) };
}

/**
 * The trend in words, such as `loss 0.916 -> 0.664`. The mean for runs too short for a trend; empty before the first
 * step.
 */
export function lossTrendLine(losses: readonly { loss: number }[]): string {
  const trend = lossTrend(losses);
  if (trend === null) return "";
  if (losses.length < 2 * FEWEST) return `mean loss ${meanLoss(losses).toFixed(3)}`;
  return `loss ${trend.first.toFixed(3)} -> ${trend.last.toFixed(3)}`;
}
