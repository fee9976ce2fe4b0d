import { expect, test } from "vitest";
import { lossTrend, lossTrendLine } from "./lossTrend.ts";

const steps = (...losses: number[]) => losses.map((loss) => ({ loss }));

test("one outlier at an end does not reverse the trend", () => {
  const falling = Array.from({ length: 200 }, (_, i) => 1 - i / 1000);
  falling[199] = 2;
  const { first, last } = lossTrend(steps(...falling))!;
  expect(first).toBeCloseTo(0.9905, 10);
  expect(last).toBeCloseTo((19 * 0.811 + 2) / 20, 10);
});

test("a short training averages twelve steps at either end, so that two hard questions do not show as a rising loss", () => {
  const falling = Array.from({ length: 25 }, (_, i) => 1 - i / 50);
  falling[23] = 1.1;
  falling[24] = 1.1;
  const { first, last } = lossTrend(steps(...falling))!;
  expect(first).toBeCloseTo(0.89, 10);
  expect(last).toBeLessThan(first);
});

test("few steps give the two halves and no trend in words; no steps give nothing", () => {
  expect(lossTrend(steps(0.5, 0.9))).toEqual({ first: 0.5, last: 0.9 });
  expect(lossTrendLine(steps(0.5, 0.9))).toBe("mean loss 0.700");
  const falling = Array.from({ length: 24 }, (_, i) => (i < 12 ? 0.9 : 0.5));
  expect(lossTrendLine(steps(...falling))).toBe("loss 0.900 -> 0.500");
  expect(lossTrend([])).toBeNull();
  expect(lossTrendLine([])).toBe("");
});
