import type { Tensor } from "../../onnx/runtime.ts";
import { stepsOf } from "./epochs.ts";

/** Identifies a training run. */
export interface RunIdentity {
  /** Digest of data, settings and base. A run never resumes from another run's checkpoint. */
  key: string;
  /** Digest without the learning rates. */
  family: string;
  learningRate: number;
  headLearningRate: number;
}

/** Number of steps and validations of a run, and their time. */
export interface StepPlan {
  steps: number;
  /** Steps of the warm-up; afterwards the learning rate falls linearly to zero. */
  warmupSteps: number;
  /** Steps between two validations; the last step is always validated. */
  validateEvery: number;
  /** Validation groups scored each time. */
  validationGroups: number;
  /** Number of validations, and the measured seconds of each. */
  validations: number;
  validationSeconds: number;
  /** Time for steps and validations together. */
  budgetSeconds: number;
  /** Maximum number of steps, from the data's epochs and the caller's limit. */
  maxSteps: number;
  /** Threads of the runtime: equal bits require the same number. */
  threads: number;
}

/** The plan of a run, fixed before its first step and kept by every resume. Only a `Revision` changes its length. */
export interface TrainingPlan extends StepPlan {
  run: RunIdentity;
  /** The step at which the run broke down, or null. */
  brokeAt: number | null;
  /** Higher learning rates that broke down before the run continued with its own. */
  before: { learningRate: number; headLearningRate: number; brokeAt: number }[];
}

/** Durations measured by trial runs, in seconds, and the amount of work. */
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
  /** Validations without improvement after which training stops; 0 never stops early. */
  patience: number;
  threads: number;
}

const WARMUP_SHARE = 0.1;
/** Share of the budget for validation. */
const VALIDATION_SHARE = 0.08;
/** Budgets of at least this many minutes use early stopping. */
export const LONG_TRAINING_MINUTES = 30;
/** Number of validations by the least minutes of the budget. */
const VALIDATIONS = [
  { minutes: LONG_TRAINING_MINUTES, validations: 8 },
  { minutes: 10, validations: 4 },
  { minutes: 0, validations: 2 },
];
/** Time reserved for writing the model and the last checkpoint. */
const EXPORT_SECONDS = 4;

/** The steps that fit the budget: at least one, and at most `maxEpochs` over the groups. */
export function planSteps(measured: Measured, limits: PlanLimits): StepPlan {
  const seconds = Math.max(0, limits.budgetMinutes * 60 - measured.setupSeconds - EXPORT_SECONDS);
  const { validations: usual } = VALIDATIONS.find(({ minutes }) => limits.budgetMinutes >= minutes)!;
  // The first validation has no predecessor to be worse than, and the last one ends training anyway.
  const validations = limits.patience > 0 ? Math.max(usual, limits.patience + 2) : usual;
  const affordable = Math.floor((seconds * VALIDATION_SHARE) / validations / measured.validationGroupSeconds);
  const validationGroups = Math.min(measured.validationGroups, Math.max(8, affordable));
  const validationSeconds = validationGroups * measured.validationGroupSeconds * validations;
  const byTime = Math.floor((seconds - validationSeconds) / measured.stepSeconds);
  const byData = stepsOf(measured.groups, limits);
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

/**
 * The plan with which `run` continues where `plan` broke down. Null unless they differ only in lower learning rates.
 */
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
