import { describe, expect, it } from "vitest";
import { decide, type GateEvidence, type GateInput } from "./gate.ts";
import { judgeTwin } from "./int8.ts";
import { twinScores } from "./testing/syntheticScored.ts";

const estimate = (value: number, low: number, high = 2 * value - low) => ({ value, low, high });
const rates = (falseAnswerRate: number, falseRefusalRate: number) => ({ falseAnswerRate, falseRefusalRate });

function evidence(over: Partial<GateEvidence> = {}): GateEvidence {
  return {
    source: "judged",
    questions: 60,
    rerankedVsRetrieval: estimate(0.03, 0.005),
    rerankedVsWithoutLogit: null,
    vsChampion: { reranked: estimate(0.03, 0.01), retrieval: estimate(0, 0) },
    p95RerankMs: 800,
    mustPassLost: { reranked: [], retrieval: [] },
    mustPassFailed: { reranked: [], retrieval: [] },
    abstention: { reranked: rates(0.1, 0.1), retrieval: rates(0.2, 0.2) },
    championAbstention: rates(0.1, 0.1),
    ...over,
  };
}

function input(over: Partial<GateInput> = {}, facts: Partial<GateEvidence> = {}): GateInput {
  return { evidence: evidence(facts), champion: null, corpusChanged: false, retrained: true, ...over };
}
const champion = { ranking: "reranked" } as const;
const criterion = (decision: ReturnType<typeof decide>, name: string) => decision.criteria.find((c) => c.name === name);

describe("reranker on?", () => {
  const rankingFor = (difference: ReturnType<typeof estimate> | null, source: "judged" | "generated" = "judged") =>
    decide(input({}, { rerankedVsRetrieval: difference, source })).ranking;

  it("when the interval's low end is above 0, however small the gain", () => {
    expect(rankingFor(estimate(0.012, 0.001))).toBe("reranked");
  });

  it("when the point estimate is at least 0.02 with a low end above -0.01", () => {
    expect(rankingFor(estimate(0.02, -0.009))).toBe("reranked");
    expect(rankingFor(estimate(0.02, -0.01))).toBe("retrieval");
    expect(rankingFor(estimate(0.019, -0.001))).toBe("retrieval");
  });

  it("never without a reranker", () => {
    expect(rankingFor(null)).toBe("retrieval");
  });

  it("requires twice the gain on generated questions, and reports that it judged on nothing else", () => {
    expect(rankingFor(estimate(0.039, 0.01), "generated")).toBe("retrieval");
    expect(rankingFor(estimate(0.04, 0.01), "generated")).toBe("reranked");
    const decision = decide(input({}, { source: "generated", rerankedVsRetrieval: estimate(0.05, 0.02) }));
    expect(decision.reason).toContain("(judged on 60 generated questions only");
    const counted = decide(input({}, { source: "generated", questions: 3 }));
    expect(counted.reason).toContain("(judged on 3 generated questions only");
    expect(criterion(decision, "reranker")?.detail).toMatch(/on generated questions/);
  });

  it("requires of an untrained reranker only no loss on generated questions, which understate it", () => {
    const rankingOf = (value: number, low: number, role: "untrained" | "tuned") => {
      const fineTuning = { role, difference: null, rule: "" };
      return decide(input({}, { source: "generated", rerankedVsRetrieval: estimate(value, low), fineTuning })).ranking;
    };
    expect(rankingOf(0.012, -0.029, "untrained")).toBe("reranked");
    expect(rankingOf(-0.001, -0.029, "untrained")).toBe("retrieval");
    expect(rankingOf(0.012, -0.05, "untrained")).toBe("retrieval");
    expect(rankingOf(0.012, -0.005, "tuned")).toBe("retrieval");
    const fineTuning = { role: "untrained", difference: null, rule: "" } as const;
    const both = {
      rerankedVsRetrieval: estimate(0.012, -0.029),
      vsChampion: { reranked: estimate(0.012, 0.001), retrieval: null },
    };
    const replacing = decide(input({ champion }, { source: "generated", fineTuning, ...both }));
    expect([replacing.ranking, replacing.promoted]).toEqual(["reranked", false]);
  });

  it("off when p95 latency is over budget", () => {
    const slow = decide(input({}, { p95RerankMs: 4001 }));
    expect([slow.ranking, slow.promoted]).toEqual(["retrieval", true]);
    expect(criterion(slow, "latency")).toMatchObject({ passed: false, detail: expect.stringContaining("4001 ms") });
    expect(decide(input({}, { p95RerankMs: 4001 }), { p95BudgetMs: 5000 }).ranking).toBe("reranked");
  });
});

describe("int8 twin", () => {
  it("is a line of the verdict; if refused, the reranker stays on, in float32", () => {
    const verdict = judgeTwin(twinScores(0.5));
    const decision = decide(input({}, { int8: verdict }));
    expect(verdict.accepted).toBe(false);
    expect(decision).toMatchObject({ ranking: "reranked", promoted: true });
    expect(criterion(decision, "int8")).toEqual({ name: "int8", passed: false, detail: verdict.detail });
    expect(criterion(decide(input()), "int8")).toBeUndefined();
  });
});

describe("first release", () => {
  it("is always promoted, with the ranking that won", () => {
    expect(decide(input())).toMatchObject({ promoted: true, ranking: "reranked" });
    const worse = decide(input({}, { rerankedVsRetrieval: estimate(-0.1, -0.15) }));
    expect(worse).toMatchObject({ promoted: true, ranking: "retrieval" });
    expect(worse.reason).toMatch(/reranker stays out/);
  });

  it("names must-pass questions that it fails, but none counts as lost", () => {
    const decision = decide(input({}, { mustPassFailed: { reranked: ["q7"], retrieval: [] } }));
    expect(decision.promoted).toBe(true);
    expect(criterion(decision, "champion")?.detail).toMatch(/q7/);
  });
});

describe("docs changed, index only", () => {
  const indexOnly = { champion, corpusChanged: true, retrained: false };

  it("keeps the champion's ranking even if a fresh comparison would choose otherwise", () => {
    expect(decide(input(indexOnly, { rerankedVsRetrieval: estimate(-0.01, -0.04) })).ranking).toBe("reranked");
    expect(decide(input({ ...indexOnly, champion: { ranking: "retrieval" } })).ranking).toBe("retrieval");
  });

  it("is promoted when not worse than the champion's models beyond the margin", () => {
    const at = (value: number) =>
      decide(input(indexOnly, { vsChampion: { reranked: estimate(value, value - 0.03), retrieval: null } })).promoted;
    expect([at(0), at(-0.01), at(-0.011)]).toEqual([true, true, false]);
  });

  it("allows half that loss on generated questions", () => {
    const at = (value: number) =>
      decide(
        input(indexOnly, { source: "generated", vsChampion: { reranked: estimate(value, value), retrieval: null } }),
      ).promoted;
    expect([at(-0.005), at(-0.006)]).toEqual([true, false]);
  });
});

describe("re-trained", () => {
  const at = (value: number, low: number, corpusChanged: boolean) =>
    decide(input({ champion, corpusChanged }, { vsChampion: { reranked: estimate(value, low), retrieval: null } }));

  it("on the same docs must be better than the champion", () => {
    expect(at(0.012, 0.002, false).promoted).toBe(true);
    expect(at(0.021, -0.005, false).promoted).toBe(true);
    const tie = at(0, -0.02, false);
    expect(tie.promoted).toBe(false);
    expect(tie.reason).toMatch(/candidate - champion nDCG@10 \+0\.000 \[-0\.020, \+0\.020\]/);
  });

  it("on changed docs may also tie within the margin", () => {
    expect(at(-0.009, -0.04, true).promoted).toBe(true);
    expect(at(-0.02, -0.05, true).promoted).toBe(false);
  });

  it("is compared by the ranking it would serve: a reranker worse than retrieval does not count", () => {
    const decision = decide(
      input(
        { champion, corpusChanged: true },
        {
          rerankedVsRetrieval: estimate(-0.2, -0.25),
          vsChampion: { reranked: estimate(0.1, 0.05), retrieval: estimate(-0.05, -0.08) },
        },
      ),
    );
    expect(decision).toMatchObject({ ranking: "retrieval", promoted: false });
  });

  it("is kept back when the champion was not evaluated", () => {
    const decision = decide(input({ champion }, { vsChampion: { reranked: null, retrieval: null } }));
    expect(decision.promoted).toBe(false);
    expect(decision.reason).toMatch(/not evaluated on this corpus/);
  });
});

describe("any candidate for a champion's place", () => {
  it("is kept back when a must-pass question is lost, unless a person approves", () => {
    const lost = { mustPassLost: { reranked: ["q3", "q9"], retrieval: [] } };
    const kept = decide(input({ champion }, lost));
    expect(kept.promoted).toBe(false);
    expect(kept.reason).toMatch(/q3, q9/);
    expect(decide(input({ champion, approvedBy: "dana" }, lost)).promoted).toBe(true);
  });

  it("is kept back when it abstains worse beyond the margin", () => {
    const at = (falseAnswerRate: number) =>
      decide(input({ champion }, { abstention: { reranked: rates(falseAnswerRate, 0.1), retrieval: null } })).promoted;
    expect([at(0.19), at(0.21)]).toEqual([true, false]);
  });
});
