import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { bootstrapDifference, bootstrapMean, quantile } from "./bootstrap.ts";

describe("bootstrapMean", () => {
  const random = seededRandom(3);
  const values = Array.from({ length: 400 }, () => random());

  it("returns the interval of the normal approximation on a large sample", () => {
    const { value, low, high } = bootstrapMean(values, { resamples: 4000 });
    const halfWidth = 1.96 * Math.sqrt(1 / 12 / 400);
    expect(value - low).toBeCloseTo(halfWidth, 2);
    expect(high - value).toBeCloseTo(halfWidth, 2);
  });

  it("is the same for the same seed and differs for another", () => {
    expect(bootstrapMean(values, { seed: 5 })).toEqual(bootstrapMean(values, { seed: 5 }));
    expect(bootstrapMean(values, { seed: 5 }).low).not.toBe(bootstrapMean(values, { seed: 6 }).low);
  });

  it("has no width if every question scores the same, and is 0 without questions", () => {
    expect(bootstrapMean([0.5, 0.5, 0.5])).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(bootstrapMean([])).toEqual({ value: 0, low: 0, high: 0 });
  });
});

describe("bootstrapDifference", () => {
  it("pairs by question, so a constant gain is certain however much questions vary", () => {
    const b = [0.1, 0.9, 0.4, 0.7];
    const { value, low, high } = bootstrapDifference(
      b.map((x) => x + 0.05),
      b,
    );
    expect([value, low, high].map((x) => x.toFixed(6))).toEqual(["0.050000", "0.050000", "0.050000"]);
  });

  it("refuses unpaired values", () => {
    expect(() => bootstrapDifference([1], [1, 2])).toThrow(RangeError);
  });
});

describe("quantile", () => {
  it("interpolates between neighbours", () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([1, 2, 3], 1)).toBe(3);
  });
});
