import { describe, expect, it } from "vitest";
import { assess, NO_CHAMPION } from "./assess.ts";
import { chooseReranker } from "./chooseReranker.ts";
import { decide } from "./gate.ts";
import type { ScoredQuestion } from "./scored.ts";
import { syntheticScored } from "./testing/syntheticScored.ts";

const bootstrap = { resamples: 200, seed: 3 };
const strong = syntheticScored({ answerable: 80, unanswerable: 40, signal: 5 });
const weak = syntheticScored({ answerable: 80, unanswerable: 40, signal: 2, seed: 8 });

/** The same questions with the logits of two models. */
function trained(from: ScoredQuestion[], to: ScoredQuestion[]): ScoredQuestion[] {
  return strong.map((question, i) => {
    const relevant = question.candidates.findIndex((c) => c.relevant);
    const of = (other: ScoredQuestion) => moved(other, relevant);
    return { ...question, logits: { untrained: of(from[i]!), tuned: of(to[i]!) } };
  });
}

/** Logits with the relevant candidate's moved. */
function moved(question: ScoredQuestion, to: number): number[] {
  const logits = [...question.logits.tuned!];
  const from = question.candidates.findIndex((c) => c.relevant);
  if (from >= 0 && to >= 0) [logits[from], logits[to]] = [logits[to]!, logits[from]!];
  return logits;
}

describe("chooseReranker", () => {
  it("serves tuned weights if they are better, and untrained ones if tuning made them worse", () => {
    const better = chooseReranker(trained(weak, strong), "judged", bootstrap);
    expect(better.role).toBe("tuned");
    expect(better.difference!.low).toBeGreaterThan(0);
    const worse = chooseReranker(trained(strong, weak), "judged", bootstrap);
    expect(worse.role).toBe("untrained");
    expect(worse.difference!.high).toBeLessThan(0);
  });

  it("serves the untrained weights if nothing was trained", () => {
    const untrained = strong.map((question) => ({ ...question, logits: { untrained: question.logits.tuned! } }));
    expect(chooseReranker(untrained, "judged", bootstrap)).toMatchObject({ role: "untrained", difference: null });
  });

  it("requires a gain on generated questions; no difference suffices only on judged ones", () => {
    const same = trained(strong, strong);
    expect(chooseReranker(same, "judged", bootstrap).role).toBe("tuned");
    expect(chooseReranker(same, "generated", bootstrap).role).toBe("untrained");
    expect(chooseReranker(trained(weak, strong), "generated", bootstrap).role).toBe("tuned");
  });

  it("makes no choice if only one of them was scored", () => {
    expect(chooseReranker(strong, "judged", bootstrap)).toMatchObject({ role: "tuned", difference: null });
  });
});

describe("an assessment of untrained weights", () => {
  const scored = trained(strong, weak);
  const reranker = chooseReranker(scored, "judged", bootstrap);
  const options = { source: "judged" as const, stale: 0, bootstrap, p95RerankMs: 50, champion: NO_CHAMPION };
  const assessed = (chosen?: typeof reranker) => assess(scored, { ...options, frozen: null, reranker: chosen });

  it("serves them, keeps the tuned ones in the ladder, and the gate reports what served and why", () => {
    const { summary, evidence, calibrations } = assessed(reranker);
    expect(summary.reranker).toBe("untrained");
    const names = summary.ladder.map(({ name }) => name);
    expect(names.slice(-4)).toEqual(["untrained", "tuned", "tuned, calibrated", "served"]);
    const other = assessed();
    const ndcg = ({ ladder }: typeof summary, name: string) =>
      ladder.find((row) => row.name === name)!.metrics["ndcg@10"].value;
    expect(ndcg(summary, "served")).toBe(ndcg(other.summary, "untrained, calibrated"));
    expect(ndcg(summary, "tuned, calibrated")).toBe(ndcg(other.summary, "served"));
    expect(calibrations.reranked).not.toEqual(other.calibrations.reranked);
    const gate = decide({ evidence, champion: null, corpusChanged: false, retrained: true });
    expect(gate).toMatchObject({ promoted: true, ranking: "reranked" });
    expect(gate.criteria.find(({ name }) => name === "fine-tuning")).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/tuned - before nDCG@10 -0\.\d+ .*: the untrained weights serve/),
    });
  });
});
