import { rateAt, type StepPlan } from "./schedule.ts";

/**
 * A revision of the plan: from `step` on there are `steps` in all, and the learning rate falls from `rate` to zero. It
 * is stored in the checkpoint of the same step, so that every resume uses the same numbers.
 */
export interface Revision {
  step: number;
  rate: number;
  steps: number;
  validateEvery: number;
  /** Time the run had spent by then, in total and in validation. */
  seconds: number;
  validationSeconds: number;
}

/** Time a run has spent, from its log. */
export interface Spent {
  step: number;
  seconds: number;
  validationSeconds: number;
  revisions: Revision[];
}

/** Shares of the steps after which the plan is revised. */
const LOOKS = [0.15, 0.4, 0.7];
/** Fewest steps that measure the duration of a step. */
const FEWEST_STEPS = 4;

/** Steps and validations of the latest plan. */
export function currentPlan(plan: StepPlan, revisions: readonly Revision[]): Pick<StepPlan, "steps" | "validateEvery"> {
  return revisions.at(-1) ?? plan;
}

/** Share of the peak learning rate at a step counted from 0, under the revision that covers it. */
export function revisedRateAt(step: number, plan: StepPlan, revisions: readonly Revision[]): number {
  const last = revisions.at(-1);
  if (!last) return rateAt(step, plan);
  if (step < last.step) return revisedRateAt(step, plan, revisions.slice(0, -1));
  return (last.rate * (last.steps - step)) / (last.steps - last.step);
}

/** Whether to revise the plan after `spent.step` steps: three times during the run, and when the time is up. */
export function revisionIsDue(plan: StepPlan, { step, seconds, revisions }: Spent): boolean {
  const share = LOOKS[revisions.length];
  const { steps } = currentPlan(plan, revisions);
  // At least one step and one validation always remain, so a revision could save nothing near the end.
  if (seconds > plan.budgetSeconds && steps - step > 1) return true;
  if (share === undefined || step >= steps) return false;
  const since = step - (revisions.at(-1)?.step ?? 0);
  return since >= FEWEST_STEPS && step >= plan.warmupSteps && step >= share * steps;
}

/**
 * Revises the plan by the measured duration of steps since the last revision. Otherwise a machine that was busy at the
 * start would leave its budget unused, and one that becomes busy would exceed it.
 */
export function revise(plan: StepPlan, spent: Spent): Revision {
  const { step, seconds, validationSeconds, revisions } = spent;
  const before = revisions.at(-1) ?? { step: 0, seconds: 0, validationSeconds: 0 };
  const validating = validationSeconds - before.validationSeconds;
  const stepSeconds = (seconds - before.seconds - validating) / (step - before.step);
  const current = currentPlan(plan, revisions);
  const done = Math.floor(step / current.validateEvery);
  const eachValidation = done > 0 && validationSeconds > 0 ? validationSeconds / done : plan.validationSeconds;
  const left = plan.budgetSeconds - seconds - Math.max(1, plan.validations - done) * eachValidation;
  const steps = Math.min(plan.maxSteps, step + Math.max(1, Math.floor(left / stepSeconds)));
  return {
    step,
    rate: revisedRateAt(step, plan, revisions),
    steps,
    validateEvery: Math.max(1, Math.ceil(steps / plan.validations)),
    seconds,
    validationSeconds,
  };
}
