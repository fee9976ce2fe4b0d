import { describe, expect, it } from "vitest";
import { spearman } from "../base/statistics.ts";
import { judgeTwin } from "./int8.ts";
import { twinScores } from "./testing/syntheticScored.ts";

describe("int8 verdict", () => {
  it("accepts a twin that is close and faster, with the numbers", () => {
    const verdict = judgeTwin(twinScores(0.05));
    expect(verdict).toMatchObject({ accepted: true, questions: 70, pairs: 840, p50Ms: { float32: 100, int8: 50 } });
    expect(verdict.logitError.mean).toBeCloseTo(0.025, 2);
    expect(verdict.logitError.max).toBeLessThan(0.05 + 1e-9);
    expect(verdict.logitError.ofSpread).toBeLessThan(0.03);
    expect(verdict.spearman).toBeGreaterThan(0.99);
    expect(verdict.ndcg.float32).toBeGreaterThan(0.5);
    expect(verdict.detail).toMatch(
      /^the int8 twin serves; on 840 pairs: logit error 0\.026 \(p95 0\.047, 2 % of the spread\)/,
    );
  });

  it("refuses one that changes the order, naming the missed limit", () => {
    const verdict = judgeTwin(twinScores(2));
    expect(verdict.accepted).toBe(false);
    expect(verdict.detail).toMatch(/refused, float32 serves: .*rank correlation is below 0\.95/);
    expect(verdict.detail).toMatch(/logit error is above/);
  });

  it("refuses one that is not faster on this machine, however close", () => {
    const verdict = judgeTwin(twinScores(0, { float32: 100, int8: 100 }));
    expect([verdict.accepted, verdict.spearman]).toEqual([false, 1]);
    expect(verdict.detail).toContain("it is not faster here");
  });

  it("refuses one that loses nDCG@10 although its logits are close", () => {
    const scores = twinScores(0).map((entry) => {
      const gold = entry.question.candidates.findIndex((c) => c.relevant);
      const int8 = entry.logits.float32.map((logit, i) => (i === gold ? logit - 0.6 : logit));
      return { ...entry, logits: { ...entry.logits, int8 } };
    });
    const verdict = judgeTwin(scores);
    expect(verdict.spearman).toBeGreaterThan(0.95);
    expect(verdict.ndcg.float32 - verdict.ndcg.int8).toBeGreaterThan(0.005);
    expect(verdict.detail).toContain("loses more than 0.005 nDCG@10");
  });

  it("refuses without pairs", () => {
    expect(judgeTwin([]).detail).toContain("no pairs to judge it on");
  });
});

describe("rank correlation", () => {
  it("is Spearman's, ties at their mean rank", () => {
    expect(spearman([1, 2, 3, 4], [10, 20, 30, 40])).toBe(1);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBe(-1);
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.948683, 6);
    expect([spearman([], []), spearman([1, 1], [2, 2]), spearman([1, 1], [1, 2])]).toEqual([1, 1, 0]);
  });
});
