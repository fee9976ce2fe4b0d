import { describe, expect, it } from "vitest";
import { expandedVector, FEEDBACK, feedbackTerms, type Lender } from "./feedback.ts";
import { queryTerms } from "./tokenize.ts";

const IDF: Record<string, number> = { drain: 3, evict: 4, pod: 1, disruption: 5, budget: 4 };
const bm25 = {
  idfOf: (term: string) => IDF[term] ?? 0,
  tellingIdf: (question: string) => queryTerms(question).reduce((sum, term) => sum + (IDF[term] ?? 0), 0),
};

function lender(text: string, score = 1, vector = [0, 1]): Lender {
  return { score, text, vector: Float32Array.from(vector) };
}

describe("feedbackTerms", () => {
  it("adds words that the question lacks, starting with those rare in the corpus and frequent in the lenders", () => {
    const lenders = [lender("evict pods, pods: disruption disruption"), lender("disruption budget pods")];
    const terms = feedbackTerms("drain pods", lenders, bm25);
    expect(terms.slice(0, 3).map(({ term }) => term)).toEqual(["disruption", "budget", "evict"]);
    expect(terms.some(({ term }) => term === "pod" || term === "drain")).toBe(false);
  });

  it("gives all of them together a weight relative to the question's own terms", () => {
    const total = feedbackTerms("drain pods", [lender("evict disruption budget")], bm25).reduce(
      (sum, { weight }) => sum + weight,
      0,
    );
    expect(total).toBeCloseTo(FEEDBACK.termWeight * (IDF.drain! + IDF.pod!), 6);
  });

  it("gives the better passage more weight", () => {
    const [first] = feedbackTerms("drain", [lender("evict", 1), lender("budget", 0.6)], bm25);
    expect(first!.term).toBe("evict");
  });

  it("adds nothing if nothing was found", () => {
    expect(feedbackTerms("drain", [], bm25)).toEqual([]);
    expect(expandedVector(Float32Array.of(0.6, 0.8), [])).toEqual(Float32Array.of(0.6, 0.8));
  });
});

describe("expandedVector", () => {
  it("moves the question towards its lenders by their shares, and remains a unit vector", () => {
    const question = Float32Array.of(1, 0);
    const moved = expandedVector(question, [lender("a"), lender("b")]);
    expect(Math.hypot(...moved)).toBeCloseTo(1, 6);
    expect(moved[1]! / moved[0]!).toBeCloseTo(FEEDBACK.vectorWeight, 6);
    expect(question).toEqual(Float32Array.of(1, 0));
  });
});
