import { rateAt, type StepPlan } from "./schedule.ts";

/**
 * A second look at the plan: from `step` on there are `steps` in all, and the learning rate falls from `rate` to zero.
 * It is kept in the checkpoint of its very step, so that whatever resumes later goes by the same numbers.
 */
export interface Revision {
  step: number;
  rate: number;
  steps: number;
  validateEvery: number;
  /** What the run had spent until then, all told and in validation. */
  seconds: number;
  validationSeconds: number;
}

/** What a run has spent, by its log. */
export interface Spent {
  step: number;
  seconds: number;
  validationSeconds: number;
  revisions: Revision[];
}

/** Shares of the steps after which the plan is looked at again. */
const LOOKS = [0.15, 0.4, 0.7];
/** Steps that tell how long a step takes. */
const FEWEST_STEPS = 4;

/** Steps and validations as planned last. */
export function currentPlan(plan: StepPlan, revisions: readonly Revision[]): Pick<StepPlan, "steps" | "validateEvery"> {
  return revisions.at(-1) ?? plan;
}

/** Share of the peak learning rate at a step counted from 0, by the revision it falls under. */
export function revisedRateAt(step: number, plan: StepPlan, revisions: readonly Revision[]): number {
  const last = revisions.at(-1);
  if (!last) return rateAt(step, plan);
  if (step < last.step) return revisedRateAt(step, plan, revisions.slice(0, -1));
  return (last.rate * (last.steps - step)) / (last.steps - last.step);
}

/** Whether the plan is to be looked at again after `spent.step` steps: thrice on the way, and when the time is up. */
export function revisionIsDue(plan: StepPlan, { step, seconds, revisions }: Spent): boolean {
  const share = LOOKS[revisions.length];
  const { steps } = currentPlan(plan, revisions);
  // What is left takes one step and one validation at least, so with so few there is nothing to save.
  if (seconds > plan.budgetSeconds && steps - step > 1) return true;
  if (share === undefined || step >= steps) return false;
  const since = step - (revisions.at(-1)?.step ?? 0);
  return since >= FEWEST_STEPS && step >= plan.warmupSteps && step >= share * steps;
}

/**
 * The plan by what steps have really taken since the last look: a machine that was busy when the run began would
 * otherwise leave its budget unused, and one that becomes busy would overrun it.
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
