import type { TrainingPlan } from "./schedule.ts";

/** What was not trained or validated on, because it tells no right passage from a wrong one. */
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
  /** Of them, pairs longer than `maxTokens`, whose passage or question was cut. */
  cutPairs: number;
  maxTokens: number;
  /** What the data held that teaches nothing; `pairs` does not count it. */
  leftOut: LeftOut;
  /** Time in training steps, validation and checkpoints, over all resumes. */
  seconds: number;
  pairsPerSecond: number;
  losses: { step: number; loss: number }[];
  /** nDCG@10 on the validation groups. */
  validation: { step: number; ndcg: number }[];
  /** The step whose weights were exported. */
  bestStep: number;
  /** Validation stopped getting better before the last step. */
  stoppedEarly: boolean;
  base: string;
  resumedFrom: number | null;
  /** Higher learning rates that the run broke down with before; absent: none. */
  brokeDown?: TrainingPlan["before"];
}
