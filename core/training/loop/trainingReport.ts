import type { TrainingPlan } from "./schedule.ts";

/** Data left out of training and validation because it does not distinguish right from wrong passages. */
export interface LeftOut {
  /** Groups with an empty question or positive, or with no negative left. */
  groups: number;
  /** Negatives of the other groups that are empty or the positive itself. */
  negatives: number;
}

export interface TrainingReport {
  steps: number;
  /** Question-passage pairs trained on, repeats counted. */
  pairs: number;
  /** Pairs longer than `maxTokens`, whose passage or question was cut. */
  cutPairs: number;
  maxTokens: number;
  /** Data that teaches nothing; `pairs` does not count it. */
  leftOut: LeftOut;
  /** Time in training steps, validation and checkpoints, over all resumes. */
  seconds: number;
  pairsPerSecond: number;
  losses: { step: number; loss: number }[];
  /** nDCG@10 on the validation groups. */
  validation: { step: number; ndcg: number }[];
  /** The step whose weights were exported. */
  bestStep: number;
  /** Validation stopped improving before the last step. */
  stoppedEarly: boolean;
  base: string;
  resumedFrom: number | null;
  /** Why nothing was trained and no model written; absent otherwise. `planned` is the number of steps that were possible. */
  skipped?: { planned: number; for: "time" | "data" };
  /** Higher learning rates at which the run broke down before; absent if none did. */
  brokeDown?: TrainingPlan["before"];
}
