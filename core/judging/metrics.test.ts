import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type GradedRank, hitAt1, mrrAt, ndcgAt, questionMetrics, recallAt } from "./metrics.ts";

interface TrecCase {
  judgments: GradedRank[];
  "ndcg@10": number;
  "mrr@10": number;
  "hit@1": number;
  "recall@30": number;
}
const cases: TrecCase[] = JSON.parse(readFileSync(new URL("./fixtures/trec-eval.json", import.meta.url), "utf8"));

describe("metrics", () => {
  it("agree with trec_eval wherever one passage satisfies one judgment", () => {
    expect(cases.length).toBe(40);
    for (const { judgments, ...expected } of cases) {
      const actual = questionMetrics(judgments);
      for (const name of ["ndcg@10", "mrr@10", "hit@1", "recall@30"] as const)
        expect(actual[name], `${name} of ${JSON.stringify(judgments)}`).toBeCloseTo(expected[name], 10);
    }
  });

  it("cap nDCG at 1 when one passage satisfies two judgments", () => {
    expect(
      ndcgAt(10, [
        { grade: 2, rank: 1 },
        { grade: 2, rank: 1 },
      ]),
    ).toBe(1);
  });

  it("count what retrieval missed as missed", () => {
    const judgments: GradedRank[] = [
      { grade: 2, rank: null },
      { grade: 1, rank: 1 },
    ];
    expect(ndcgAt(10, judgments)).toBeCloseTo(1 / (3 + 1 / Math.log2(3)), 12);
    expect(recallAt(30, judgments)).toBe(0.5);
    expect(hitAt1(judgments)).toBe(1);
  });

  it("ignore ranks past the cut-off", () => {
    expect(ndcgAt(10, [{ grade: 2, rank: 11 }])).toBe(0);
    expect(mrrAt(10, [{ grade: 2, rank: 11 }])).toBe(0);
    expect(mrrAt(10, [{ grade: 2, rank: 10 }])).toBe(0.1);
    expect(recallAt(30, [{ grade: 2, rank: 31 }])).toBe(0);
  });

  it("are 0, never NaN, for a question without judgments", () => {
    expect(questionMetrics([])).toEqual({ "ndcg@10": 0, "mrr@10": 0, "hit@1": 0, "recall@30": 0 });
  });
});
