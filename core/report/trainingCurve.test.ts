import { expect, it } from "vitest";
import { trainingChart } from "./trainingCurve.ts";

const curve = {
  losses: Array.from({ length: 40 }, (_, i) => ({ step: i + 1, loss: 2 - i / 40 + (i % 2) / 10 })),
  validation: [
    { step: 20, ndcg: 0.41 },
    { step: 40, ndcg: 0.46 },
  ],
};

it("draws loss and validation by step, with one dot per validation", () => {
  const svg = trainingChart(curve);
  expect(svg).toMatch(/^<svg/);
  expect(svg).toContain("training loss");
  expect(svg).toContain("validation nDCG@10");
  const without = trainingChart({ ...curve, validation: [] });
  const dots = (text: string) => text.match(/stroke="#0f766e"/g)?.length ?? 0;
  expect(dots(svg) - dots(without)).toBeGreaterThanOrEqual(2);
});

it("draws a training of one step and no validation", () => {
  expect(trainingChart({ losses: [{ step: 1, loss: 2 }], validation: [] })).toMatch(/^<svg/);
});
