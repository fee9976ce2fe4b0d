import { describe, expect, it } from "vitest";
import {
  type CalibrationQuestion,
  FEATURE_SETS,
  fitCalibration,
  parseCalibrations,
  relevanceOf,
} from "./calibration.ts";
import { fitLogistic, sigmoid } from "./logistic.ts";

describe("fitLogistic", () => {
  it("reaches the analytic optimum of a two-cell table", () => {
    const rows = [...Array(40).fill([0]), ...Array(40).fill([1])];
    const targets = [...Array(10).fill(1), ...Array(30).fill(0), ...Array(30).fill(1), ...Array(10).fill(0)];
    const fit = fitLogistic(rows, targets, { l2: 0 });
    expect(sigmoid(fit.bias)).toBeCloseTo(0.25, 6);
    expect(sigmoid(fit.bias + fit.weights[0]!)).toBeCloseTo(0.75, 6);
  });

  it("stays finite on separable data and shrinks with the penalty", () => {
    const rows = [[-1], [-2], [1], [2]];
    const soft = fitLogistic(rows, [0, 0, 1, 1], { l2: 1 });
    const hard = fitLogistic(rows, [0, 0, 1, 1], { l2: 100 });
    expect(Number.isFinite(soft.weights[0])).toBe(true);
    expect(soft.weights[0]!).toBeGreaterThan(hard.weights[0]!);
    expect(hard.weights[0]!).toBeGreaterThan(0);
  });

  it("stays near its prior weights according to the penalty, and leaves the bias free", () => {
    const rows = [[-1], [-2], [1], [2]];
    const targets = [1, 0, 0, 1];
    const towards = [-3];
    const [free, drawn, held] = [0, 5, 1e9].map((l2) => fitLogistic(rows, targets, { l2, towards }));
    expect(free!.weights[0]).toBeCloseTo(fitLogistic(rows, targets, { l2: 0 }).weights[0]!, 4);
    expect(drawn!.weights[0]).toBeLessThan(free!.weights[0]!);
    expect(drawn!.weights[0]).toBeGreaterThan(-3);
    expect(held!.weights[0]).toBeCloseTo(-3, 4);
    const predicted = rows.reduce((sum, [x]) => sum + sigmoid(held!.bias + held!.weights[0]! * x!), 0);
    expect(predicted).toBeCloseTo(2, 4);
  });
});

/** The logit carries the signal, the cosine a little, BM25 none. */
function simulate(n: number): CalibrationQuestion[] {
  let state = 7;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  return Array.from({ length: n }, (_, q) => ({
    candidates: Array.from({ length: 10 }, (_, c) => {
      const relevant = q % 4 !== 0 && c === 3;
      return {
        logit: (relevant ? 2 : -1) + 2 * (random() + random() - 1),
        cosine: (relevant ? 0.5 : 0.4) + 0.2 * (random() - 0.5),
        bm25Share: random(),
        relevant,
      };
    }),
  }));
}

describe("fitCalibration", () => {
  const questions = simulate(400);
  const calibration = fitCalibration(questions, FEATURE_SETS.reranked);

  it("gives the weight to the informative feature", () => {
    const [logit, cosine, bm25] = calibration.weights as [number, number, number];
    expect(logit).toBeGreaterThan(cosine);
    expect(Math.abs(bm25)).toBeLessThan(cosine);
  });

  it("calibrates the top passage: its mean probability matches the share that is relevant", () => {
    const tops = questions.map((q) =>
      q.candidates
        .map((c) => ({ p: relevanceOf(calibration, c), relevant: c.relevant }))
        .reduce((a, b) => (b.p > a.p ? b : a)),
    );
    const predicted = tops.reduce((sum, t) => sum + t.p, 0) / tops.length;
    const observed = tops.filter((t) => t.relevant).length / tops.length;
    expect(predicted).toBeCloseTo(observed, 1);
    expect(observed).toBeGreaterThan(0.5);
  });

  it("keeps a given mix, and learns its overall scale", () => {
    const { weights, scale, ...rest } = fitCalibration(questions, FEATURE_SETS.retrieval, { mix: [1, 1.4] });
    const [cosine, bm25] = weights.map((weight, j) => weight / scale[j]!);
    expect(bm25! / cosine!).toBeCloseTo(1.4);
    expect(cosine).toBeGreaterThan(0);
    const tops = questions.map(({ candidates }) =>
      Math.max(...candidates.map((candidate) => relevanceOf({ weights, scale, ...rest }, candidate))),
    );
    expect(Math.max(...tops)).toBeLessThan(1);
    expect(Math.min(...tops)).toBeGreaterThan(0);
  });

  it("follows the prior if questions are few, and the questions if they are many", () => {
    const experience = { mix: [0, 1, 1], pairs: 100 };
    const leads = (some: CalibrationQuestion[]) => {
      const [logit, cosine] = fitCalibration(some, FEATURE_SETS.reranked, { experience }).weights as [number, number];
      return logit > cosine;
    };
    expect([4, 400].map((count) => leads(questions.slice(0, count)))).toEqual([false, true]);
    const { weights } = fitCalibration(questions, FEATURE_SETS.reranked, { experience: { ...experience, pairs: 1e9 } });
    expect(weights[0]).toBeCloseTo(0, 4);
    expect(weights[2]! / weights[1]!).toBeCloseTo(1, 4);
    expect(weights[1]).toBeGreaterThan(0);
  });

  it("keeps the order of the first model", () => {
    const at = (logit: number) => relevanceOf(calibration, { logit, cosine: 0.4, bm25Share: 0.5 });
    expect(at(3)).toBeGreaterThan(at(1));
    expect(at(1)).toBeGreaterThan(at(-4));
  });

  it("refuses a missing logit by name instead of guessing one", () => {
    expect(() => relevanceOf(calibration, { logit: null, cosine: 0.4, bm25Share: 0.5 })).toThrow(/logit/);
    const retrieval = fitCalibration(questions, FEATURE_SETS.retrieval, { top: "first" });
    expect(relevanceOf(retrieval, { logit: null, cosine: 0.4, bm25Share: 0.5 })).toBeLessThan(1);
  });

  it("never reverses the order, even if the top passages contradict the model", () => {
    const contrary = simulate(40).map((q, i) => ({
      candidates: q.candidates.map((c) => ({ ...c, logit: i % 2 ? 5 : -5, relevant: i % 2 === 0 && c.relevant })),
    }));
    expect(fitCalibration(contrary, FEATURE_SETS.logit).top.slope).toBeGreaterThan(0);
  });
});

it("a calibration stored before there were limits decides by its threshold alone", () => {
  const candidates = [
    { logit: null, cosine: 0.9, bm25Share: 0.8, relevant: true },
    { logit: null, cosine: 0.1, bm25Share: 0.2, relevant: false },
  ];
  const { limits: _, ...stored } = fitCalibration([{ candidates }], FEATURE_SETS.retrieval, { threshold: 0.4 });
  const read = parseCalibrations({ reranked: null, retrieval: stored, logit: null, precision: "float32" });
  expect(read.retrieval.limits).toEqual({ refuse: 0.4, answer: 0.4 });
});
