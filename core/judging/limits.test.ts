import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { AIMS, chooseLimits, decisionOf, MOST_UNSURE, unsureRates } from "./limits.ts";
import { sigmoid } from "./logistic.ts";
import { chooseThreshold, type Decidable } from "./threshold.ts";

const answerable = (best: number): Decidable => ({ id: "a", answerable: true, retrieved: true, best });
const unanswerable = (best: number): Decidable => ({ id: "u", answerable: false, retrieved: false, best });

/** Questions whose log odds of both kinds are normal, `apart` standard deviations apart. */
function normalSet(apart: number, count = 400): Decidable[] {
  const random = seededRandom(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, (_, i) =>
    i % 2 ? answerable(sigmoid(normal() + apart)) : unanswerable(sigmoid(normal())),
  );
}

function chosenFor(set: Decidable[]) {
  const threshold = chooseThreshold(set);
  const limits = chooseLimits(set, threshold);
  return { threshold, limits, rates: unsureRates(set.map((question) => ({ ...question, limits })))! };
}

it("refuses below the lower limit, answers from the upper one, and is unsure between them", () => {
  const limits = { refuse: 0.3, answer: 0.6 };
  expect([0.29, 0.3, 0.59, 0.6].map((best) => decisionOf(limits, best))).toEqual([
    "refuse",
    "unsure",
    "unsure",
    "answer",
  ]);
});

describe("chooseLimits", () => {
  it("keeps to its aims where few questions lie between", () => {
    const { threshold, limits, rates } = chosenFor(normalSet(2.9));
    expect(limits.refuse).toBeLessThan(threshold);
    expect(limits.answer).toBeGreaterThan(threshold);
    expect(rates.falseRefusalRate).toBeLessThan(AIMS.falseRefusals + 0.02);
    expect(rates.falseAnswerRate).toBeLessThan(AIMS.falseAnswers + 0.02);
  });

  it("leaves at most a fifth unsure where the kinds overlap, with fewer errors of both sorts than one threshold makes", () => {
    const set = normalSet(1.4);
    const { threshold, rates } = chosenFor(set);
    const single = unsureRates(set.map((q) => ({ ...q, limits: { refuse: threshold, answer: threshold } })))!;
    expect(rates.rate).toBeGreaterThan(MOST_UNSURE - 0.04);
    expect(rates.rate).toBeLessThan(MOST_UNSURE + 0.04);
    expect(rates.falseAnswerRate!).toBeLessThan(single.falseAnswerRate!);
    expect(rates.falseRefusalRate!).toBeLessThan(single.falseRefusalRate!);
    expect(single.rate).toBe(0);
  });

  it("never lies on the wrong side of the threshold, whatever it is", () => {
    for (const threshold of [0, 0.001, 0.2, 0.7, 0.999, 1]) {
      const { refuse, answer } = chooseLimits(normalSet(1.4), threshold);
      expect(refuse).toBeLessThanOrEqual(threshold);
      expect(answer).toBeGreaterThanOrEqual(threshold);
    }
  });

  it("is the threshold without questions of both kinds", () => {
    for (const set of [[], [answerable(0.9)], [unanswerable(0.1)]])
      expect(chooseLimits(set, 0.4)).toEqual({ refuse: 0.4, answer: 0.4 });
  });
});
