import { describe, expect, it } from "vitest";
import { fitLogitWeight, orderScores } from "./ordering.ts";
import { descending, type ScoredQuestion } from "./scored.ts";
import { syntheticScored } from "./testing/syntheticScored.ts";

const made = (signal: number, seed = 1) => syntheticScored({ answerable: 120, unanswerable: 20, signal, seed });

function hits(questions: ScoredQuestion[], weight: number): number {
  const answerable = questions.filter((question) => question.answerable);
  const first = answerable.filter((q) => q.candidates[descending(orderScores(q, "tuned", weight))[0]!]!.relevant);
  return first.length / answerable.length;
}

describe("fitLogitWeight", () => {
  it("trusts an informative reranker, and orders unseen questions better than retrieval or logit alone", () => {
    const weight = fitLogitWeight(made(2), "tuned");
    expect(weight).toBeGreaterThan(0);
    const unseen = made(2, 7);
    expect(hits(unseen, weight)).toBeGreaterThan(hits(unseen, 0));
    expect(hits(unseen, weight)).toBeGreaterThanOrEqual(hits(unseen, 1e6));
  });

  it("gives more weight to the better reranker, and almost none to an uninformative one", () => {
    const [none, some, more] = [0, 1, 3].map((signal) => fitLogitWeight(made(signal), "tuned"));
    expect(more!).toBeGreaterThan(some!);
    expect(none!).toBeLessThan(some! / 4);
  });

  it("is 0 for a wrong reranker, and if there is nothing to learn from", () => {
    expect(fitLogitWeight(made(-2), "tuned")).toBe(0);
    expect(fitLogitWeight([], "tuned")).toBe(0);
    expect(fitLogitWeight(made(2), "untrained")).toBe(0);
    expect(
      fitLogitWeight(
        made(2).filter((question) => !question.answerable),
        "tuned",
      ),
    ).toBe(0);
  });

  it("finds a similar weight from any ten questions, even if the retriever is far ahead in half of them", () => {
    const weights = Array.from({ length: 10 }, (_, seed) => {
      const drawn = syntheticScored({ answerable: 10, unanswerable: 0, signal: 2, seed: seed + 1, candidates: 30 });
      const ahead = drawn.map((q, i) => ({
        ...q,
        candidates: q.candidates.map((c) => ({ ...c, fused: c.fused + (c.relevant && i % 2 === 0 ? 2 : 0) })),
      }));
      return fitLogitWeight(ahead, "tuned");
    });
    expect(Math.min(...weights)).toBeGreaterThan(0.25);
    expect(Math.max(...weights)).toBeLessThan(1.5);
  });

  it("orders by the logit alone if the retriever's scores are uninformative", () => {
    const flat = made(2).map((q) => ({ ...q, candidates: q.candidates.map((c) => ({ ...c, fused: 0.5 })) }));
    expect(fitLogitWeight(flat, "tuned")).toBeGreaterThan(10);
  });

  it("ignores a constant added to a question's logits: only differences inside a question count", () => {
    const questions = made(2);
    const shifted = questions.map((question, i) => ({
      ...question,
      logits: { tuned: question.logits.tuned!.map((x) => x + 10 * Math.sin(i)) },
    }));
    expect(fitLogitWeight(shifted, "tuned")).toBeCloseTo(fitLogitWeight(questions, "tuned"), 8);
  });
});
