import type { Tensor } from "../../onnx/runtime.ts";

/** What tells a run from others. */
export interface RunIdentity {
  /** Digest of data, settings and base: a checkpoint of another run is not resumed from. */
  key: string;
  /** The same without the learning rates. */
  family: string;
  learningRate: number;
  headLearningRate: number;
}

/** How many steps and validations a run takes, and with how much time. */
export interface StepPlan {
  steps: number;
  /** Steps over which the learning rate rises; then it falls linearly to zero. */
  warmupSteps: number;
  /** Steps between two validations; the last step is always validated. */
  validateEvery: number;
  /** Validation groups that are scored each time. */
  validationGroups: number;
  /** How often validation is to happen, and what it was measured to take each time. */
  validations: number;
  validationSeconds: number;
  /** What steps and validations may take together. */
  budgetSeconds: number;
  /** Most steps, by the data's epochs and the caller's limit. */
  maxSteps: number;
  /** Threads of the runtime: equal bits need the same number. */
  threads: number;
}

/** What a run does, fixed before its first step and kept by every resume; only a `Revision` changes its length. */
export interface TrainingPlan extends StepPlan {
  run: RunIdentity;
  /** The step at which the run broke down; null: it has not. */
  brokeAt: number | null;
  /** Higher learning rates that broke down before the run went on with its own. */
  before: { learningRate: number; headLearningRate: number; brokeAt: number }[];
}

/** What a few trial runs took, in seconds, and how much there is to do. */
export interface Measured {
  setupSeconds: number;
  stepSeconds: number;
  /** Scoring one validation group. */
  validationGroupSeconds: number;
  groups: number;
  validationGroups: number;
}

export interface PlanLimits {
  budgetMinutes: number;
  questionsPerStep: number;
  maxEpochs: number;
  maxSteps: number;
  /** Validations without a better one that end training; 0: none do. */
  patience: number;
  threads: number;
}

const WARMUP_SHARE = 0.1;
/** Share of the budget that validation may take. */
const VALIDATION_SHARE = 0.08;
/** From so many minutes on it pays to look whether training still helps. */
export const LONG_TRAINING_MINUTES = 30;
/** From so many minutes on training validates so often. */
const VALIDATIONS = [
  { minutes: LONG_TRAINING_MINUTES, validations: 8 },
  { minutes: 10, validations: 4 },
  { minutes: 0, validations: 2 },
];
/** Writing the model and the last checkpoint. */
const EXPORT_SECONDS = 4;

/** Steps that fit the budget, at least one and at most `maxEpochs` over the groups. */
export function planSteps(measured: Measured, limits: PlanLimits): StepPlan {
  const seconds = Math.max(0, limits.budgetMinutes * 60 - measured.setupSeconds - EXPORT_SECONDS);
  const { validations: usual } = VALIDATIONS.find(({ minutes }) => limits.budgetMinutes >= minutes)!;
  // The first cannot be worse than one before it, and the last ends training anyway.
  const validations = limits.patience > 0 ? Math.max(usual, limits.patience + 2) : usual;
  const affordable = Math.floor((seconds * VALIDATION_SHARE) / validations / measured.validationGroupSeconds);
  const validationGroups = Math.min(measured.validationGroups, Math.max(8, affordable));
  const validationSeconds = validationGroups * measured.validationGroupSeconds * validations;
  const byTime = Math.floor((seconds - validationSeconds) / measured.stepSeconds);
  const byData = Math.ceil((measured.groups * limits.maxEpochs) / limits.questionsPerStep);
  const maxSteps = Math.max(1, Math.min(byData, limits.maxSteps));
  const steps = Math.max(1, Math.min(byTime, maxSteps));
  return {
    steps,
    warmupSteps: Math.max(1, Math.round(steps * WARMUP_SHARE)),
    validateEvery: Math.max(1, Math.ceil(steps / validations)),
    validationGroups,
    validations,
    validationSeconds: validationGroups * measured.validationGroupSeconds,
    budgetSeconds: seconds,
    maxSteps,
    threads: limits.threads,
  };
}

/** The plan by which `run` goes on where `plan` broke down; null unless nothing but lower learning rates sets them apart. */
export function goesOn(plan: TrainingPlan, run: RunIdentity): TrainingPlan | null {
  const { run: last, brokeAt, before } = plan;
  if (typeof brokeAt !== "number" || last.family !== run.family) return null;
  const { learningRate, headLearningRate } = last;
  const higher = run.learningRate > learningRate || run.headLearningRate > headLearningRate;
  return higher
    ? null
    : { ...plan, run, brokeAt: null, before: [...before, { learningRate, headLearningRate, brokeAt }] };
}

/** Share of the peak learning rate at a step counted from 0: linear warm-up, then linear decay to zero. */
export function rateAt(step: number, plan: Pick<StepPlan, "steps" | "warmupSteps">): number {
  if (step < plan.warmupSteps) return (step + 1) / plan.warmupSteps;
  return (plan.steps - step) / (plan.steps - plan.warmupSteps + 1);
}

export interface OptimizerSettings {
  learningRate: number;
  headLearningRate: number;
  weightDecay: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/**
 * The update graph's scalars at a step counted from 0. The bias corrections of both moments are folded into rate and
 * epsilon: rate m / c1 / (sqrt(v / c2) + eps) = rate sqrt(c2) / c1 * m / (sqrt(v) + eps sqrt(c2)).
 */
export function updateScalars(step: number, factor: number, settings: OptimizerSettings): Record<string, Tensor> {
  const first = 1 - settings.beta1 ** (step + 1);
  const second = Math.sqrt(1 - settings.beta2 ** (step + 1));
  const [body, head] = [settings.learningRate * factor, settings.headLearningRate * factor];
  return {
    "rate:body": scalarTensor((body * second) / first),
    "rate:head": scalarTensor((head * second) / first),
    "keep:body": scalarTensor(1 - body * settings.weightDecay),
    "keep:head": scalarTensor(1 - head * settings.weightDecay),
    epsilon: scalarTensor(settings.epsilon * second),
  };
}

export function scalarTensor(value: number): Tensor {
  return { type: "float32", dims: [], data: Float32Array.of(value) };
}
