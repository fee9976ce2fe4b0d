import { describe, expect, it } from "vitest";
import type { Tokenizer } from "../../models/wholeText.ts";
import { ndcgOfPositive, validationNdcg } from "./validation.ts";

describe("validation of groups", () => {
  const settings = { maxTokens: 9, loss: "listwise", residual: 0.5 } as const;
  const engine = { score: async () => Float32Array.of(1, 2, 0) };
  const tokenizer = { encodePair: () => ({ ids: [1], cut: false }) } as unknown as Tokenizer;
  const group = { question: "q", passages: ["right", "near", "far"] };
  const ndcg = (teacher: number[], changes = {}, signal = new AbortController().signal) =>
    validationNdcg(engine, tokenizer, [{ ...group, teacher }], { ...settings, ...changes }, signal);

  it("ranks by the served score: the retriever's scores, weighted as in the loss, plus the logit", async () => {
    expect(await ndcg([0, 0, 0])).toBeCloseTo(1 / Math.log2(3), 10);
    expect(await ndcg([3, 0.5, 0])).toBe(1);
    expect(await ndcg([0, 0, 4])).toBeCloseTo(1 / Math.log2(4), 10);
    expect(await ndcg([3, 0.5, 0], { residual: 0 })).toBeCloseTo(1 / Math.log2(3), 10);
    expect(await ndcg([3, 0.5, 0], { loss: "binary" })).toBeCloseTo(1 / Math.log2(3), 10);
  });

  it("ranks graded groups with their own prior", async () => {
    const graded = { ...group, scores: [1, 0.5, 0], prior: [3, 0, 0] };
    const never = new AbortController().signal;
    expect(await validationNdcg(engine, tokenizer, [graded], { ...settings, loss: "graded" }, never)).toBe(1);
  });

  it("returns nothing once cancelled", async () => {
    expect(await ndcg([3, 0, 0], {}, AbortSignal.abort())).toBeNull();
  });
});

describe("validation", () => {
  it("scores the rank of the positive, ties against it", () => {
    expect(ndcgOfPositive([3, 1, 2])).toBe(1);
    expect(ndcgOfPositive([1, 1, 0])).toBeCloseTo(1 / Math.log2(3), 10);
    expect(ndcgOfPositive([0, ...Array(10).fill(1)])).toBe(0);
  });

  it("has no score if any logit is not finite", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(ndcgOfPositive([bad, 1, 2])).toBeNaN();
      expect(ndcgOfPositive([3, 1, bad])).toBeNaN();
    }
  });
});
