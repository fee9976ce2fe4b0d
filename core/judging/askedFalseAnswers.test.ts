import { expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { mean } from "../base/statistics.ts";
import { askedFalseAnswers, describeAsked } from "./askedFalseAnswers.ts";
import { assess, NO_CHAMPION } from "./assess.ts";
import { syntheticScored } from "./testing/syntheticScored.ts";
import { abstentionRates, chooseThreshold } from "./threshold.ts";

const options = {
  source: "judged",
  stale: 0,
  bootstrap: { resamples: 10, seed: 1 },
  p95RerankMs: null,
  champion: NO_CHAMPION,
  frozen: null,
} as const;
const questions = (unanswerable: number) => syntheticScored({ answerable: 60, unanswerable, signal: 1 });

it("keeps to a share of false answers on the unanswerable questions of the set, and reports it", () => {
  const asked = assess(questions(30), { ...options, falseAnswers: 0.05 }).summary.askedFalseAnswers!;
  expect(asked).toEqual({ share: 0.05, keptOn: "unanswerable", questions: 30, promise: 2 / 31 });
  expect(describeAsked(asked)).toMatch(
    /^at most 5 % .* unanswerable questions\. 30 questions can promise 6\.5 % for the/,
  );
  expect(assess(questions(30), options).summary).not.toHaveProperty("askedFalseAnswers");
});

it("keeps to it on questions with pages removed if none is unanswerable, and reports that this is weaker", () => {
  const [usual, careful] = [undefined, 0].map((falseAnswers) => assess(questions(0), { ...options, falseAnswers }));
  const asked = careful!.summary.askedFalseAnswers!;
  expect(asked).toEqual({ share: 0, keptOn: "page-removed", questions: 60, promise: 1 / 61 });
  expect(describeAsked(asked)).toMatch(/^at most 0 % .*no question of the set is unanswerable.*pages removed.* 1\.6 %/);
  const thresholdOf = ({ served }: typeof careful & object) => served.retrieval!.calibration.threshold;
  expect(thresholdOf(careful!)).toBeGreaterThan(thresholdOf(usual!));
  expect(abstentionRates(careful!.served.retrieval!.questions, (q) => q.threshold).falseAnswerRate).toBeLessThan(0.1);
});

it("promises no less than one in as many questions as there are, however little is asked", () => {
  expect([3, 9, 99].map((count) => askedFalseAnswers(0.01, questions(count)).promise)).toEqual([
    1 / 4,
    1 / 10,
    1 / 100,
  ]);
});

it("keeps its promise on questions that had no part in the choice", () => {
  const [share, rates] = [0.1, [] as number[]];
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const draw = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ id: `q${at}`, answerable: false, retrieved: false, best: random() }));
    const cut = chooseThreshold(draw(29), { falseAnswers: share });
    rates.push(abstentionRates(draw(200), () => cut).falseAnswerRate!);
  }
  // (2 + 1) / (29 + 1), and the standard error of 40 draws.
  expect(mean(rates)).toBeLessThan(0.1 + 0.02);
});
