import { expect, test } from "vitest";
import { lossTrend, lossTrendLine } from "./lossTrend.ts";

const steps = (...losses: number[]) => losses.map((loss) => ({ loss }));

test("one odd step at an end does not turn the trend", () => {
  const falling = Array.from({ length: 200 }, (_, i) => 1 - i / 1000);
  falling[199] = 2;
  const { first, last } = lossTrend(steps(...falling))!;
  expect(first).toBeCloseTo(0.9905, 10);
  expect(last).toBeCloseTo((19 * 0.811 + 2) / 20, 10);
});

test("a short training: twelve steps at either end, so that two hard questions at the end are no rising loss", () => {
  const falling = Array.from({ length: 25 }, (_, i) => 1 - i / 50);
  falling[23] = 1.1;
  falling[24] = 1.1;
  const { first, last } = lossTrend(steps(...falling))!;
  expect(first).toBeCloseTo(0.89, 10);
  expect(last).toBeLessThan(first);
});

test("few steps: the first half and the second; none: nothing", () => {
  expect(lossTrend(steps(0.9, 0.5))).toEqual({ first: 0.9, last: 0.5 });
  expect(lossTrendLine(steps(0.9, 0.5))).toBe("loss 0.900 -> 0.500");
  expect(lossTrend([])).toBeNull();
  expect(lossTrendLine([])).toBe("");
});
