import { describe, expect, it } from "vitest";
import { assertNotJudged, JudgedQuestions, jaccard, judgedPages } from "./contamination.ts";

const judged = new JudgedQuestions(
  [
    { id: "d1", query: "How do I delete completed Jobs after an hour automatically?" },
    { id: "d2", query: "autoscale by queue length" },
  ],
  Float32Array.from([1, 0, 0, 1]),
);

describe("nearlyEquals", () => {
  it("finds the same question with other word forms", () => {
    expect(judged.nearlyEquals("automatically deleting completed jobs after an hour")).toBe("d1");
    expect(judged.nearlyEquals("how can I autoscale by the queue's length")).toBe("d2");
  });

  it("accepts a different question on the same topic", () => {
    expect(judged.nearlyEquals("delete completed jobs")).toBeNull();
    expect(judged.nearlyEquals("autoscale by memory use of my pods")).toBeNull();
  });

  it("finds a paraphrase of the question by its vector", () => {
    expect(judged.nearlyEquals("scale on backlog", Float32Array.from([0.05, 0.9987]))).toBe("d2");
    expect(judged.nearlyEquals("scale on backlog", Float32Array.from([0.5, 0.8]))).toBeNull();
  });
});

it("assertNotJudged names the supplied question and the judged one", () => {
  expect(() => assertNotJudged(["rotate certificates", "Autoscale by queue length"], judged)).toThrow(
    /training question 2 \("Autoscale by queue length"\) is nearly question d2/,
  );
  expect(() => assertNotJudged(["rotate certificates"], judged)).not.toThrow();
});

it("judgedPages are those with evidence", () => {
  const relevant = [{ path: "a.md", heading: "", grade: 2 as const }];
  expect([...judgedPages([{ relevant }, { relevant: [] }])]).toEqual(["a.md"]);
});

it("jaccard of empty sets is 0", () => {
  expect(jaccard(new Set(), new Set())).toBe(0);
  expect(jaccard(new Set([1, 2]), new Set([2, 3]))).toBeCloseTo(1 / 3);
});
