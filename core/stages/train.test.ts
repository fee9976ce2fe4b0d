import { expect, it } from "vitest";
import { trainSummary } from "./train.ts";

const leftOut = { groups: 0, negatives: 0 };
const report = { steps: 12, pairs: 96, cutPairs: 0, maxTokens: 176, leftOut, seconds: 30.2, losses: [], bestStep: 3 };

it("reports a training that ended before its budget, and no other", () => {
  expect(trainSummary({ ...report, stoppedEarly: false })).toBe("12 steps, 96 pairs in 30 s");
  expect(trainSummary({ ...report, stoppedEarly: true })).toBe(
    "12 steps, 96 pairs in 30 s, ended early because validation stopped improving after step 3",
  );
});
