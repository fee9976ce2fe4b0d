import { expect, test } from "vitest";
import { describeSpeed, tooSlow } from "./speed.ts";

test("a model is too slow below the threshold, or if a whole answer takes longer than a caller waits", () => {
  expect(tooSlow({ reads: 200, writes: 3 }, 4)).toMatch(/^3\.0 tokens\/s, about 48 s .*too slow here/);
  expect(tooSlow({ reads: 20, writes: 30 }, 4)).toMatch(/too slow here/);
  expect(tooSlow({ reads: 200, writes: 30 }, 4)).toBeNull();
  expect(tooSlow({ reads: 5, writes: 0 }, 4)).toMatch(/^no word within .*too slow here/);
});

test("the threshold can be lowered, and 0 switches it off", () => {
  expect(tooSlow({ reads: 200, writes: 3 }, 3)).toBeNull();
  expect(tooSlow({ reads: 1, writes: 0.1 }, 0)).toBeNull();
});

test("speed is described as one number and the time of an answer", () => {
  expect(describeSpeed({ reads: 300, writes: 41.3 })).toBe("41 tokens/s, about 8 s for an answer");
});
