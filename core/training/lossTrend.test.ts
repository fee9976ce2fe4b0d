import { expect, test } from "vitest";
import { lossTrend, lossTrendLine } from "./lossTrend.ts";

const steps = (...losses: number[]) => losses.map((loss) => ({ loss }));

test("one odd step at an end does not turn the trend", () => {
  const falling = Array.from({ length: 40 }, (_, i) => 1 - i / 100);
  falling[39] = 2;
  const { first, last } = lossTrend(steps(...falling))!;
  expect(first).toBeCloseTo(0.985, 10);
  expect(last).toBeCloseTo((0.64 + 0.63 + 0.62 + 2) / 4, 10);
});

test("few steps: the first and the last; none: nothing", () => {
  expect(lossTrend(steps(0.9, 0.5))).toEqual({ first: 0.9, last: 0.5 });
  expect(lossTrendLine(steps(0.9, 0.5))).toBe("loss 0.900 -> 0.500");
  expect(lossTrend([])).toBeNull();
  expect(lossTrendLine([])).toBe("");
});
