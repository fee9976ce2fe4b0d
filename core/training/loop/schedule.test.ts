import { describe, expect, it } from "vitest";
import { planSteps, rateAt } from "./schedule.ts";

const measured = { setupSeconds: 6, stepSeconds: 2, validationGroupSeconds: 0.2, groups: 1000, validationGroups: 50 };
const limits = { budgetMinutes: 20, questionsPerStep: 4, maxEpochs: 4, maxSteps: 1e9, patience: 0, threads: 2 };

describe("the training plan", () => {
  it("fills the budget with steps, validation and export included", () => {
    const plan = planSteps(measured, limits);
    const spent = 6 + plan.steps * 2 + Math.ceil(plan.steps / plan.validateEvery) * plan.validationGroups * 0.2;
    expect(spent).toBeLessThanOrEqual(1200);
    expect(spent).toBeGreaterThan(1150);
  });

  it("stops at the data's epochs and at the step limit", () => {
    expect(planSteps({ ...measured, groups: 10 }, limits).steps).toBe(10);
    expect(planSteps(measured, { ...limits, maxSteps: 7 }).steps).toBe(7);
  });

  it("has at least one step, however small the budget", () => {
    expect(planSteps(measured, { ...limits, budgetMinutes: 0.01 })).toMatchObject({ steps: 1, validateEvery: 1 });
  });

  it("validates often enough for patience to end training before its last step", () => {
    for (const patience of [1, 3, 7]) {
      const { steps, validateEvery, validations } = planSteps(measured, { ...limits, patience });
      // The first validation is the best; `patience` worse ones follow, all before the last step.
      expect((patience + 1) * validateEvery).toBeLessThan(steps);
      expect(validations).toBe(Math.max(4, patience + 2));
    }
    expect(planSteps(measured, { ...limits, budgetMinutes: 5, patience: 2 }).validations).toBe(4);
  });

  it("validates a longer training more often", () => {
    const validations = [9, 10, 29, 30, 90].map((budgetMinutes) => planSteps(measured, { ...limits, budgetMinutes }));
    expect(validations.map((plan) => plan.validations)).toEqual([2, 4, 4, 8, 8]);
  });

  it("validates fewer groups when they would use up the budget", () => {
    const plan = planSteps({ ...measured, validationGroupSeconds: 1 }, { ...limits, budgetMinutes: 5 });
    expect(plan.validationGroups).toBe(11);
  });
});

describe("the learning rate", () => {
  it("rises to its peak over the warm-up and falls towards zero", () => {
    const plan = { steps: 10, warmupSteps: 2 };
    const rates = Array.from({ length: 10 }, (_, step) => rateAt(step, plan));
    expect(rates.slice(0, 2)).toEqual([0.5, 1]);
    expect(rates[2]).toBeCloseTo(8 / 9, 10);
    expect(rates[9]).toBeCloseTo(1 / 9, 10);
  });
});
