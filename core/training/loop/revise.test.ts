import { describe, expect, it } from "vitest";
import { currentPlan, type Revision, revise, revisedRateAt, revisionIsDue } from "./revise.ts";
import { planSteps, rateAt } from "./schedule.ts";

const measured = { setupSeconds: 6, stepSeconds: 4, validationGroupSeconds: 0.2, groups: 1e5, validationGroups: 50 };
const limits = { budgetMinutes: 20, questionsPerStep: 4, maxEpochs: 4, maxSteps: 1e9, patience: 0, threads: 2 };
const plan = { key: "k", ...planSteps(measured, limits) };

/** Trains by the plan on a machine whose steps take `stepSeconds(step)`, and returns the outcome. */
function simulate(stepSeconds: (step: number) => number, limit = plan) {
  const log = { step: 0, seconds: 0, validationSeconds: 0, revisions: [] as Revision[] };
  while (log.step < currentPlan(limit, log.revisions).steps) {
    log.seconds += stepSeconds(log.step++);
    const { steps, validateEvery } = currentPlan(limit, log.revisions);
    if (log.step % validateEvery === 0 || log.step === steps) {
      log.validationSeconds += 10;
      log.seconds += 10;
    }
    if (revisionIsDue(limit, log)) log.revisions.push(revise(limit, log));
  }
  return log;
}

describe("a revision of the plan", () => {
  it("uses the whole budget if steps turn out faster than the first ones", () => {
    const { step, seconds } = simulate((done) => (done < 20 ? 4 : 1));
    expect(plan.steps).toBeLessThan(300);
    expect(step).toBeGreaterThan(900);
    expect(seconds / plan.budgetSeconds).toBeGreaterThan(0.93);
    expect(seconds / plan.budgetSeconds).toBeLessThanOrEqual(1);
  });

  it("ends in time if they turn out slower", () => {
    const { step, seconds } = simulate((done) => (done < 100 ? 4 : 9));
    expect(step).toBeLessThan(plan.steps);
    expect(seconds / plan.budgetSeconds).toBeGreaterThan(0.8);
    expect(seconds / plan.budgetSeconds).toBeLessThan(1.15);
  });

  it("ends with the next step if they turn out slower after the last revision and the budget is spent", () => {
    const { step, seconds, revisions } = simulate((done) => (done < 0.75 * plan.steps ? 4 : 40));
    expect(revisions).toHaveLength(4);
    expect(step).toBe(revisions[3]!.step + 1);
    expect(seconds / plan.budgetSeconds).toBeLessThan(1 + (2 * 40 + 2 * 10) / plan.budgetSeconds);
  });

  it("changes nothing if steps take the planned time, or if the data's epochs are the limit", () => {
    const { step } = simulate(() => 4);
    expect(Math.abs(step - plan.steps)).toBeLessThanOrEqual(3);
    const short = { ...plan, maxSteps: 50, steps: 50 };
    expect(simulate(() => 0.1, short).step).toBe(50);
  });

  it("happens three times, never during warm-up and never for a plan of a few steps", () => {
    const { revisions } = simulate(() => 4);
    expect(revisions).toHaveLength(3);
    expect(revisions[0]!.step).toBeGreaterThanOrEqual(plan.warmupSteps);
    expect(simulate(() => 4, { ...plan, steps: 4, maxSteps: 4, warmupSteps: 1 }).revisions).toEqual([]);
  });
});

describe("the learning rate under a revision", () => {
  it("continues from its value and falls to zero at the new end", () => {
    const first = { step: 40, rate: rateAt(40, plan), steps: 600, validateEvery: 1, seconds: 0, validationSeconds: 0 };
    const rate = (step: number) => revisedRateAt(step, plan, [first]);
    expect(rate(39)).toBe(rateAt(39, plan));
    expect(rate(40)).toBe(rateAt(40, plan));
    expect(rate(320)).toBeCloseTo(rateAt(40, plan) / 2, 10);
    expect(rate(599)).toBeGreaterThan(0);
    expect(rate(600)).toBe(0);
  });

  it("is that of the plan if the end stays", () => {
    const same = {
      step: 80,
      rate: rateAt(80, plan),
      steps: plan.steps,
      validateEvery: 1,
      seconds: 0,
      validationSeconds: 0,
    };
    for (const step of [80, 150, plan.steps - 1]) {
      expect(revisedRateAt(step, plan, [same])).toBeCloseTo(rateAt(step, plan), 12);
    }
  });
});
