import { meanLoss } from "./breakdown.ts";

/** Share of the steps at either end that are taken together: a single step's loss says more about its questions than about the model. */
const END = 0.1;
/** Fewest steps at either end of a training long enough for them, since the losses of neighbouring steps differ by half and more. */
const FEWEST = 12;

/**
 * The mean loss of the first and of the last tenth of the steps; of at least twelve each, or of the first and second half
 * where there are not that many. Null before the first step.
 */
export function lossTrend(losses: readonly { loss: number }[]): { first: number; last: number } | null {
  if (losses.length === 0) return null;
  const count = Math.max(1, Math.min(Math.floor(losses.length / 2), Math.max(FEWEST, Math.round(END * losses.length))));
  return { first: meanLoss(losses.slice(0, count)), last: meanLoss(losses.slice(-count)) };
}

/** The same in words, such as `loss 0.916 -> 0.664`; of too few steps for a trend, their mean; empty before the first step. */
export function lossTrendLine(losses: readonly { loss: number }[]): string {
  const trend = lossTrend(losses);
  if (trend === null) return "";
  if (losses.length < 2 * FEWEST) return `mean loss ${meanLoss(losses).toFixed(3)}`;
  return `loss ${trend.first.toFixed(3)} -> ${trend.last.toFixed(3)}`;
}
