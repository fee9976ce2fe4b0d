import { describe, expect, it } from "vitest";
import { foldOf, outOfFold } from "./folds.ts";
import { brierSkill, expectedCalibrationError, reliabilityBins } from "./reliability.ts";
import { abstentionRates, auroc, chooseThreshold, type Decidable, logOdds } from "./threshold.ts";

const answerable = (best: number, retrieved = true): Decidable => ({ id: "a", answerable: true, retrieved, best });
const unanswerable = (best: number): Decidable => ({ id: "u", answerable: false, retrieved: false, best });

describe("chooseThreshold", () => {
  it("takes the middle of the gap that separates the two kinds", () => {
    const set = [answerable(0.9), answerable(0.6), unanswerable(0.4), unanswerable(0.1)];
    expect(chooseThreshold(set)).toBeCloseTo(0.5, 12);
  });

  it("weighs both rates, whatever the number of questions of each kind", () => {
    const set = [...[0.2, 0.7, 0.8, 0.9].map((x) => answerable(x)), unanswerable(0.3)];
    const many = [...set, ...set.slice(0, 4), ...set.slice(0, 4)];
    expect(chooseThreshold(set)).toBeGreaterThan(0.3);
    expect(chooseThreshold(set)).toBeLessThan(0.7);
    expect(chooseThreshold(many)).toBeCloseTo(chooseThreshold(set), 1);
  });

  it("moves little if two outliers are added", () => {
    const set = [
      ...[0.35, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9].map((x) => answerable(x)),
      ...[0.05, 0.1, 0.15, 0.2, 0.3, 0.4].map((x) => unanswerable(x)),
    ];
    const odd = [...set, unanswerable(0.62), unanswerable(0.64)];
    expect(Math.abs(chooseThreshold(odd) - chooseThreshold(set))).toBeLessThan(0.12);
  });

  it("takes the middle of a wide gap, even if nothing was found for the unanswerable", () => {
    const sure = Array.from({ length: 40 }, (_, i) => answerable(0.93 + i / 1000));
    for (const low of [0, 0.015]) {
      const threshold = chooseThreshold([...sure, unanswerable(low), unanswerable(low), unanswerable(low)]);
      expect(threshold).toBeGreaterThan(0.05);
      expect(threshold).toBeLessThan(0.93);
    }
  });

  it("refuses nothing if scores are uninformative or misleading", () => {
    expect(chooseThreshold([answerable(0.7), unanswerable(0.7)])).toBe(0);
    expect(chooseThreshold([answerable(0.1), answerable(0.2), unanswerable(0.8), unanswerable(0.9)])).toBe(0);
    expect(chooseThreshold([answerable(1), unanswerable(1)])).toBe(0);
  });

  it("is the lowest of the best gaps for questions made from the docs", () => {
    const sure = Array.from({ length: 9 }, (_, n) => answerable(0.95 - n / 100));
    const set = [...sure, answerable(0.6), unanswerable(0.2), unanswerable(0.1)];
    expect(chooseThreshold(set, { source: "generated" })).toBeCloseTo(0.4, 12);
    expect(chooseThreshold(set)).toBeGreaterThan(0.4);
  });

  it("is the lower end of that gap if fewer than ten were made, in which people's questions lie", () => {
    const set = [answerable(0.95), answerable(0.9), answerable(0.6), unanswerable(0.2), unanswerable(0.1)];
    const threshold = chooseThreshold(set, { source: "generated" });
    expect(logOdds(threshold)).toBeCloseTo(0.9 * logOdds(0.2) + 0.1 * logOdds(0.6), 12);
    expect(chooseThreshold(set)).toBeGreaterThan(0.4);
  });

  it("of a part of the questions follows the number of all of them, and stays between the scores at the ends", () => {
    const sure = Array.from({ length: 10 }, (_, n) => answerable(0.95 - n / 100));
    const [all, rest] = [
      [...sure, unanswerable(0.2)],
      [...sure.slice(1), unanswerable(0.2)],
    ];
    expect(chooseThreshold(rest, { source: "generated", all })).toBeCloseTo((0.2 + 0.86) / 2, 12);
    expect(chooseThreshold(rest, { source: "generated" })).toBeLessThan(0.4);
    const certain = [unanswerable(0.9991), answerable(0.9999)];
    expect(chooseThreshold(certain, { source: "generated" })).toBeCloseTo(0.9995, 12);
  });

  it("keeps a requested false-answer rate", () => {
    const set = [answerable(0.5), answerable(0.9), unanswerable(0.6), unanswerable(0.1)];
    const threshold = chooseThreshold(set, { falseAnswers: 0 });
    expect(abstentionRates(set, () => threshold)).toEqual({ falseAnswerRate: 0, falseRefusalRate: 0.5 });
  });

  it("is 0.5 without a trade-off", () => {
    expect(chooseThreshold([answerable(0.9)])).toBe(0.5);
    expect(chooseThreshold([unanswerable(0.9)])).toBe(0.5);
    expect(chooseThreshold([unanswerable(0.9), unanswerable(0.7)], { falseAnswers: 0.5 })).toBeCloseTo(0.8, 12);
  });
});

describe("abstentionRates", () => {
  it("does not blame a refusal where retrieval missed the evidence", () => {
    const set = [answerable(0.1, false), answerable(0.9), unanswerable(0.7)];
    expect(abstentionRates(set, () => 0.5)).toEqual({ falseAnswerRate: 1, falseRefusalRate: 0 });
  });
});

describe("auroc", () => {
  it("counts ties half and needs both kinds", () => {
    expect(auroc([0.9, 0.5], [0.5, 0.1])).toBe(0.875);
    expect(auroc([0.9], [])).toBeNull();
  });
});

describe("reliability", () => {
  const forecasts = [
    ...Array.from({ length: 8 }, (_, i) => ({ p: 0.75, outcome: i < 6 })),
    ...Array.from({ length: 2 }, () => ({ p: 1, outcome: false })),
  ];

  it("bins by probability, with the value 1 in the last bin", () => {
    expect(reliabilityBins(forecasts).map(({ low, n, observed }) => [low, n, observed])).toEqual([
      [0.7, 8, 0.75],
      [0.9, 2, 0],
    ]);
  });

  it("weighs each bin's gap by its size", () => {
    expect(expectedCalibrationError(forecasts)).toBeCloseTo(0.2, 12);
    expect(expectedCalibrationError([])).toBeNull();
  });

  it("scores skill against the base rate: 0 for it, 1 for an oracle, null if all outcomes agree", () => {
    const outcomes = [true, true, false, false];
    expect(brierSkill(outcomes.map((outcome) => ({ p: 0.5, outcome })))).toBeCloseTo(0, 12);
    expect(brierSkill(outcomes.map((outcome) => ({ p: Number(outcome), outcome })))).toBe(1);
    expect(brierSkill([{ p: 0.3, outcome: true }])).toBeNull();
  });
});

describe("outOfFold", () => {
  const items = Array.from({ length: 50 }, (_, i) => ({ id: `q${i}` }));

  it("never shows a question to the model that predicts it, and predicts every one", () => {
    const leaks = outOfFold(
      items,
      (rest) => new Set(rest.map((item) => item.id)),
      (model, item) => model.has(item.id),
    );
    expect(leaks).toEqual(items.map(() => false));
  });

  it("spreads ids over all folds, the same way each time", () => {
    expect(new Set(items.map((item) => foldOf(item.id)))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(foldOf("d001")).toBe(foldOf("d001"));
  });
});
