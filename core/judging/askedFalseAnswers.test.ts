import { expect, it } from "vitest";
import { describeAsked } from "./askedFalseAnswers.ts";
import { assess, NO_CHAMPION } from "./assess.ts";
import { syntheticScored } from "./testing/syntheticScored.ts";
import { abstentionRates } from "./threshold.ts";

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
  expect(asked).toEqual({ share: 0.05, keptOn: "unanswerable" });
  expect(describeAsked(asked)).toMatch(/^at most 5 % false answers .* on the set's unanswerable questions$/);
  expect(assess(questions(30), options).summary).not.toHaveProperty("askedFalseAnswers");
});

it("keeps to it on questions with pages removed if none is unanswerable, and reports that this is weaker", () => {
  const [usual, careful] = [undefined, 0].map((falseAnswers) => assess(questions(0), { ...options, falseAnswers }));
  const asked = careful!.summary.askedFalseAnswers!;
  expect(asked).toEqual({ share: 0, keptOn: "page-removed" });
  expect(describeAsked(asked)).toMatch(/^at most 0 % .*no question of the set is unanswerable.*pages removed/);
  const thresholdOf = ({ served }: typeof careful & object) => served.retrieval!.calibration.threshold;
  expect(thresholdOf(careful!)).toBeGreaterThan(thresholdOf(usual!));
  expect(abstentionRates(careful!.served.retrieval!.questions, (q) => q.threshold).falseAnswerRate).toBeLessThan(0.1);
});
