import { expect, it } from "vitest";
import { costOf, describeCost } from "./cost.ts";

it("the cost of written questions is two calls each, and is described in round numbers", () => {
  expect(costOf(1000).calls).toBe(2000);
  expect(describeCost({ written: 1000 })).toMatch(
    /1000 questions in 5 styles .* 8 passages .* 2,000 calls .* 2,700,000 tokens in/,
  );
  for (const none of [{}, { written: 0 }, { written: 1000, budget: 0 }]) expect(describeCost(none)).toBeNull();
});
