/** A probability and its outcome. */
export interface Forecast {
  p: number;
  outcome: boolean;
}

/** One bar of the reliability curve: forecasts with `low <= p < high`. */
export interface ReliabilityBin {
  low: number;
  high: number;
  n: number;
  predicted: number;
  observed: number;
}

/** Equal-width bins of forecasts; empty bins are left out. */
export function reliabilityBins(forecasts: readonly Forecast[], bins = 10): ReliabilityBin[] {
  return Array.from({ length: bins }, (_, i) => {
    const inside = forecasts.filter((f) => Math.min(bins - 1, Math.floor(f.p * bins)) === i);
    const sum = (value: (f: Forecast) => number) => inside.reduce((total, f) => total + value(f), 0);
    return {
      low: i / bins,
      high: (i + 1) / bins,
      n: inside.length,
      predicted: sum((f) => f.p) / inside.length,
      observed: sum((f) => Number(f.outcome)) / inside.length,
    };
  }).filter((bin) => bin.n > 0);
}

/** Expected calibration error (Naeini 2015): gap between forecast and outcome, weighted by bin size. */
export function expectedCalibrationError(forecasts: readonly Forecast[], bins = 10): number | null {
  if (forecasts.length === 0) return null;
  return reliabilityBins(forecasts, bins).reduce(
    (sum, bin) => sum + (bin.n / forecasts.length) * Math.abs(bin.predicted - bin.observed),
    0,
  );
}

/** 1 - Brier score / Brier score of always forecasting the base rate. `null` if all outcomes are equal. */
export function brierSkill(forecasts: readonly Forecast[]): number | null {
  const base = forecasts.filter((f) => f.outcome).length / forecasts.length;
  const reference = base * (1 - base);
  if (!(reference > 0)) return null;
  const brier = forecasts.reduce((sum, f) => sum + (f.p - Number(f.outcome)) ** 2, 0) / forecasts.length;
  return 1 - brier / reference;
}
