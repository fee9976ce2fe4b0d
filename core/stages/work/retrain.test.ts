import { describe, expect, test } from "vitest";
import { chooseBudget, decideRetrain, type RetrainFacts, withinBudget } from "./retrain.ts";

const champion = { differs: [], changedShare: 0.01, ageDays: 3, drop: null };
const decide = (mode: RetrainFacts["mode"], change: object = {}, forced = false) =>
  decideRetrain({ mode, forced, champion: { ...champion, ...change } });

describe("auto", () => {
  test("keeps the champion's reranker while little has changed, and reports the numbers", () => {
    expect(decide("auto")).toEqual({
      train: false,
      why: "the champion's reranker is kept: 1.0 % of the passages are new since it was trained, trained 3 days ago",
    });
    expect(decide("auto", { changedShare: 0.0999, drop: 0.0199 }).train).toBe(false);
    expect(decide("auto", { drop: -0.01 }).why).toMatch(/same questions \+0\.010$/);
  });

  test.each([
    [{ changedShare: 0.1 }, "10.0 % of the passages are new since it was trained; 10.0 % is the limit"],
    [{ ageDays: 90.5 }, "trained 90 days ago; 90 is the limit"],
    [{ drop: 0.02 }, "nDCG@10 fell by 0.020 on the same questions; 0.02 is the limit"],
    [{ differs: ["budgetMinutes", "questions"] }, "budgetMinutes, questions changed since the reranker was trained"],
  ])("trains again at %j", (change, why) => {
    expect(decide("auto", change)).toEqual({ train: true, why });
  });

  test("does not train again for age alone if no passage is new", () => {
    expect(decide("auto", { changedShare: 0, ageDays: 400 }).train).toBe(false);
  });
});

test("always and never apply whatever has changed", () => {
  expect(decide("always", { changedShare: 0 }).train).toBe(true);
  expect(decide("never", { changedShare: 0.9, ageDays: 400, drop: 0.5, differs: ["seed"] }).train).toBe(false);
});

test("force trains even if retrain is never, and the first run always trains", () => {
  expect(decide("never", {}, true).train).toBe(true);
  expect(decideRetrain({ mode: "auto", forced: false, champion: null })).toEqual({
    train: true,
    why: "no measured release serves yet",
  });
});

describe("the budget", () => {
  const none = { asked: undefined, forced: false, outside: false };

  test("is what the run asks for", () => {
    expect(chooseBudget({ ...none, asked: 3 })).toEqual({ minutes: 3, why: "" });
    expect(chooseBudget({ ...none, asked: 0, forced: true, outside: true })).toEqual({
      minutes: 0,
      why: "the budget is 0",
    });
  });

  test("is by default 0 on questions made from the docs, and 20 minutes on others or if training is forced", () => {
    expect(chooseBudget(none)).toEqual({ minutes: 0, why: expect.stringContaining("--budget MINUTES") });
    for (const given of [{ forced: true }, { outside: true }])
      expect(chooseBudget({ ...none, ...given }).minutes).toBe(20);
  });
});

test("without minutes, a run keeps the champion's tuned reranker or makes an untrained one", () => {
  const [train, budget] = [
    { train: true, why: "forced" },
    { minutes: 0, why: "the budget is 0" },
  ];
  expect(withinBudget(train, { minutes: 20, why: "" }, true)).toEqual({ train: true, keep: false, why: "forced" });
  const why = "the champion's reranker is kept, since the budget is 0 (forced)";
  expect(withinBudget(train, budget, true)).toEqual({ train: false, keep: true, why });
  const untrained = { train: false, keep: false, why: "nothing is trained: the budget is 0 (forced)" };
  expect(withinBudget(train, budget, false)).toEqual(untrained);
  const kept = { train: false, why: "kept" };
  expect(withinBudget(kept, budget, false)).toEqual({ ...kept, keep: true });
});
