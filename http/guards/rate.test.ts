import { expect, test } from "vitest";
import { createRate } from "./rate.ts";

test("a minute's requests may come at once, and refill steadily", () => {
  let now = 0;
  const rate = createRate(6, () => now);
  expect(Array.from({ length: 8 }, () => rate.take(0))).toEqual([0, 0, 0, 0, 0, 0, 10, 10]);
  now = 4000;
  expect(rate.take(0)).toBe(6);
  now = 10_000;
  expect([rate.take(0), rate.take(0)]).toEqual([0, 10]);
  now = 3_600_000;
  expect(Array.from({ length: 7 }, () => rate.take(0))).toEqual([0, 0, 0, 0, 0, 0, 10]);
});

test("keys do not share their requests", () => {
  const rate = createRate(1, () => 0);
  expect([rate.take(0), rate.take(0), rate.take(1)]).toEqual([0, 60, 0]);
});
