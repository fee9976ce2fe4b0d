import { describe, expect, it } from "vitest";
import { ndcgOfPositive } from "./validation.ts";

describe("validation", () => {
  it("scores the rank of the positive, ties against it", () => {
    expect(ndcgOfPositive([3, 1, 2])).toBe(1);
    expect(ndcgOfPositive([1, 1, 0])).toBeCloseTo(1 / Math.log2(3), 10);
    expect(ndcgOfPositive([0, ...Array(10).fill(1)])).toBe(0);
  });

  it("has no score where a logit is not finite, be it the positive's or another's", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(ndcgOfPositive([bad, 1, 2])).toBeNaN();
      expect(ndcgOfPositive([3, 1, bad])).toBeNaN();
    }
  });
});
