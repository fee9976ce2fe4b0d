import type { Estimate } from "../../contracts/evaluation.ts";
import { seededRandom } from "../base/random.ts";

export interface BootstrapOptions {
  /** Resamples of the questions, with replacement. */
  resamples?: number;
  seed?: number;
  /** Coverage of the interval, 0..1. */
  level?: number;
}

/**
 * Mean over questions with its percentile bootstrap interval (Efron 1979). The same seed and number of questions give
 * the same resamples, so all rows of a ladder share their draws.
 */
export function bootstrapMean(values: number[], options: BootstrapOptions = {}): Estimate {
  const { resamples = 2000, seed = 17, level = 0.95 } = options;
  if (values.length === 0) return { value: 0, low: 0, high: 0 };
  const random = seededRandom(seed);
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]!;
    return sum / values.length;
  }).sort();
  const tail = (1 - level) / 2;
  return { value: mean(values), low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** Mean of `a[i] - b[i]` over the same questions, with its interval. Throws `RangeError` if the lengths differ. */
export function bootstrapDifference(a: number[], b: number[], options: BootstrapOptions = {}): Estimate {
  if (a.length !== b.length) throw new RangeError(`paired values differ in number: ${a.length} and ${b.length}`);
  return bootstrapMean(
    a.map((x, i) => x - b[i]!),
    options,
  );
}

/** Value at `share` (0..1) of ascending values, linearly interpolated. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const position = (ascending.length - 1) * share;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return ascending[below]! + (ascending[above]! - ascending[below]!) * (position - below);
}

function mean(values: number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
