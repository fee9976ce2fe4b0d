import { expect, test } from "vitest";
import type { PairsReport } from "../core/stages/work/standalone.ts";
import { renderTraining } from "./renderTraining.ts";
import { printable } from "./style.ts";

const trained = {
  out: "/models/tuned",
  steps: 120,
  pairs: 960,
  cutPairs: 0,
  maxTokens: 176,
  leftOut: { groups: 0, negatives: 0 },
  seconds: 61.2,
  pairsPerSecond: 15.7,
  losses: [],
  validation: [
    { step: 40, ndcg: 0.71 },
    { step: 80, ndcg: 0.764 },
    { step: 120, ndcg: 0.75 },
  ],
  bestStep: 80,
  questions: 400,
  heldOut: 21,
} as unknown as { out: string } & PairsReport;

const lines = (part: Partial<PairsReport> = {}) =>
  printable(renderTraining({ ...trained, ...part }), false).split("\n");

test("a training shows its first and its best validation, and where the model is", () => {
  expect(lines().slice(1)).toEqual([
    "Quality   nDCG@10 on 21 held-out questions: 0.710 after step 40, 0.764 after step 80, whose weights are kept.",
    "Model     /models/tuned",
  ]);
  expect(lines({ bestStep: 40 })[1]).toContain(": 0.710 after step 40, whose weights are kept.");
});

test("a training on few pairs says that they teach little, and that nothing was measured", () => {
  expect(lines({ questions: 5, heldOut: 0, validation: [] }).slice(1, 3)).toEqual([
    "Quality   not measured: no question was held out.",
    "Note      5 questions teach little. Give at least 100, and measure with `winnow evaluate`.",
  ]);
});
