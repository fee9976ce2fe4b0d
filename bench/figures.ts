import { deviation, mean } from "../core/base/statistics.ts";

/** A difference with its sign, to three digits. */
export function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(3)}`;
}

/** Mean of paired differences with its standard error. */
export function withError(differences: readonly number[]): string {
  const error = deviation(differences) / Math.sqrt(differences.length);
  return `${signed(mean(differences))} ± ${error.toFixed(3)}`;
}

/** A difference and its interval. */
export function withInterval({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`;
}
