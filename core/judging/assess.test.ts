import { describe, expect, it } from "vitest";
import { type AssessOptions, assess, NO_CHAMPION } from "./assess.ts";
import { descending } from "./scored.ts";
import { syntheticScored } from "./testing/syntheticScored.ts";

const options: AssessOptions = {
  source: "judged",
  stale: 3,
  bootstrap: { resamples: 500, seed: 1 },
  p95RerankMs: 100,
  champion: NO_CHAMPION,
  frozen: null,
};
const good = syntheticScored({ answerable: 120, unanswerable: 60, signal: 4 });
const row = (a: ReturnType<typeof assess>, name: string) => a.summary.ladder.find((r) => r.name === name);

describe("assess", () => {
  const assessment = assess(good, options);

  it("has rows only for the rankings that exist", () => {
    expect(assessment.summary.ladder.map((r) => r.name)).toEqual([
      "BM25",
      "dense",
      "rrf",
      "weighted",
      "feedback",
      "retrieval",
      "retrieval, calibrated",
      "tuned",
      "served",
    ]);
    const bare = good.map((q) => ({ ...q, logits: {} }));
    expect(assess(bare, options).summary.ladder.map((r) => r.name)).toEqual([
      "BM25",
      "dense",
      "rrf",
      "weighted",
      "feedback",
      "retrieval",
    ]);
    expect(assess(bare, options)).toMatchObject({
      ranking: "retrieval",
      calibrations: { reranked: null, logit: null },
    });
  });

  it("gives every ranking of the same candidates the same recall@30", () => {
    expect(row(assessment, "tuned")?.metrics["recall@30"].value).toBe(1);
    expect(row(assessment, "retrieval")?.metrics["recall@30"].value).toBe(1);
  });

  it("shows that a good reranker beats retrieval, with a fitting interval", () => {
    const gain = assessment.evidence.rerankedVsRetrieval!;
    expect(gain.low).toBeGreaterThan(0.1);
    const [a, b] = ["served", "rrf"].map((name) => row(assessment, name)!.metrics["ndcg@10"].value);
    expect(gain.value).toBeCloseTo(a! - b!, 12);
    expect(assessment.ranking).toBe("reranked");
  });

  it("sets the threshold to a requested share of false answers, in every ranking", () => {
    const alike = ({ candidates, ...q }: (typeof good)[number]) => ({
      ...q,
      candidates: candidates.map((c) => ({ ...c, cosine: c.cosine + (q.answerable ? 0 : 0.15) })),
    });
    const noisy = syntheticScored({ answerable: 120, unanswerable: 60, signal: 1 }).map(alike);
    const [usual, careful] = [assess(noisy, options), assess(noisy, { ...options, falseAnswers: 0 })];
    for (const ranking of ["retrieval", "reranked"] as const) {
      const { calibration, asServed } = careful.served[ranking]!;
      expect(calibration.threshold).toBeGreaterThan(usual.served[ranking]!.calibration.threshold);
      const open = asServed.filter(({ answerable, best }) => !answerable && best >= calibration.threshold);
      // The threshold is chosen on out-of-fold relevance, and then applied to that of all questions.
      expect(open.length).toBeLessThan(3);
    }
    const rate = (a: typeof usual) => a.summary.abstention.falseAnswerRate!;
    expect(rate(careful)).toBeLessThan(rate(usual));
    expect(rate(careful)).toBeLessThan(0.05);
  });

  it("gives an uninformative reranker no weight: it gains nothing, however good the calibration is", () => {
    const deaf = syntheticScored({ answerable: 120, unanswerable: 60, signal: 0, cosine: 0.3 });
    const { evidence, ranking } = assess(deaf, options);
    expect(evidence.rerankedVsRetrieval!.value).toBeCloseTo(0, 1);
    expect(evidence.rerankedVsWithoutLogit!.value).toBeLessThan(-0.1);
    expect(ranking).toBe("retrieval");
  });

  it("keeps a useless reranker out of the summary's abstention figures", () => {
    const useless = syntheticScored({ answerable: 120, unanswerable: 60, signal: 0, cosine: 0, seed: 9 });
    const { evidence, ranking } = assess(useless, options);
    expect(evidence.rerankedVsRetrieval!.low).toBeLessThan(0);
    expect(ranking).toBe("retrieval");
  });

  it("separates the two kinds of unanswerable questions and is calibrated", () => {
    const { abstention } = assessment.summary;
    expect(abstention.n).toBe(180);
    expect(abstention.aurocNear).toBeGreaterThan(0.9);
    expect(abstention.aurocOffTopic).toBeGreaterThan(0.9);
    expect(abstention.ece).toBeLessThan(0.12);
    expect(abstention.brierSkill).toBeGreaterThan(0.3);
    expect(abstention.falseAnswerRate! + abstention.falseRefusalRate!).toBeLessThan(0.4);
  });

  it("predicts each question from other folds: changing its labels does not change its relevance", () => {
    const changed = good.map((q, i) =>
      i === 0 ? { ...q, candidates: q.candidates.map((c) => ({ ...c, relevant: !c.relevant })) } : q,
    );
    const before = assessment.served.reranked!;
    const after = assess(changed, options).served.reranked!;
    expect(after.questions[0]!.relevance).toEqual(before.questions[0]!.relevance);
    expect(after.asServed[0]!.relevance).not.toEqual(before.asServed[0]!.relevance);
  });

  it("uses a frozen release's calibration and threshold unchanged", () => {
    const { calibrations } = assessment;
    const other = syntheticScored({ answerable: 30, unanswerable: 10, signal: 4, seed: 5 });
    const frozen = assess(other, { ...options, frozen: { calibrations, ranking: "retrieval", role: "tuned" } });
    expect(frozen.calibrations).toBe(calibrations);
    expect(frozen.ranking).toBe("retrieval");
    expect(new Set(frozen.served.retrieval!.questions.map((q) => q.threshold))).toEqual(
      new Set([calibrations.retrieval.threshold]),
    );
  });

  it("compares with the champion's reranker, or with retrieval if that serves", () => {
    const reranked = assess(good, { ...options, champion: { ranking: "reranked", passed: null } });
    expect(row(reranked, "champion")).toBeDefined();
    expect(reranked.evidence.vsChampion.reranked!.value).toBeGreaterThan(0);
    expect(reranked.evidence.championAbstention).not.toBeNull();
    const retrieval = assess(good, { ...options, champion: { ranking: "retrieval", passed: null } });
    expect(retrieval.evidence.vsChampion.retrieval).toEqual({ value: 0, low: 0, high: 0 });
  });

  it("uses page-removed questions as stand-ins if the set has no unanswerable ones, and counts them separately", () => {
    const answerable = good.filter((q) => q.answerable);
    const { abstention, served, summary } = assess(answerable, { ...options, source: "generated" });
    expect(summary.questions).toBe(120);
    expect(summary.abstention).toMatchObject({ aurocNear: null, standIns: true });
    expect(assess(good, options).summary.abstention).not.toHaveProperty("standIns");
    expect(abstention.reranked!.counts).toMatchObject({ answerable: 120, near: 0, pageRemoved: 120 });
    expect(served.reranked!.calibration.threshold).not.toBe(0.5);
  });
});

describe("must-pass questions", () => {
  const pinned = good.map((q, i) => ({ ...q, mustPass: i < 3 || i === good.length - 1 }));
  const buried = (q: (typeof good)[number]) => {
    const worst = q.logits.tuned!.map((x, c) => (q.candidates[c]!.relevant ? -20 : x));
    return { ...q, logits: { ...q.logits, tuned: worst } };
  };

  it("are lost when the champion passed them and the candidate buries their evidence", () => {
    const ids = ["q0", "q1", "q2"];
    const before = assess(pinned, options).evidence.mustPassFailed.reranked;
    const after = assess(
      pinned.map((q, i) => (i === 1 ? buried(q) : q)),
      { ...options, champion: { ranking: null, passed: ids } },
    );
    expect(before).not.toContain("q1");
    expect(after.evidence.mustPassLost.reranked).toContain("q1");
  });

  it("are lost when their evidence is gone from the docs", () => {
    const { evidence } = assess(good, { ...options, champion: { ranking: null, passed: ["gone"] } });
    expect(evidence.mustPassLost.retrieval).toEqual(["gone"]);
  });
});

describe("descending", () => {
  it("keeps the order of equal values", () => {
    expect(descending([1, 3, 1, 3])).toEqual([1, 3, 0, 2]);
  });
});
