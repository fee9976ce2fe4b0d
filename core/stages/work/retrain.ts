/** Minutes of training if the run names none, and training may help. */
const USUAL_MINUTES = 20;

/** Minutes of training; 0 trains nothing. */
export interface TrainingBudget {
  minutes: number;
  /** Why it is 0; empty otherwise. */
  why: string;
}

export interface BudgetFacts {
  /** The budget that the run names. */
  asked: number | undefined;
  /** `force`, `only` or `retrain: "always"` ask for training. */
  forced: boolean;
  /** Questions from outside the docs are at hand: labelled pairs, accepted votes, or an LLM's. */
  outside: boolean;
}

/**
 * The budget of a run. Without one, a run trains only if questions come from outside the docs or training is asked for
 * otherwise: those made from the docs taught nothing measurable (research/notebook/reranker.md).
 */
export function chooseBudget({ asked, forced, outside }: BudgetFacts): TrainingBudget {
  if (asked === 0) return { minutes: 0, why: "the budget is 0" };
  if (asked !== undefined) return { minutes: asked, why: "" };
  if (forced || outside) return { minutes: USUAL_MINUTES, why: "" };
  return { minutes: 0, why: "questions made from the docs teach too little; --budget MINUTES trains on them" };
}

/** When to train the reranker again: by the rule below, in every run, or never. */
export type Retrain = "auto" | "always" | "never";

export interface RetrainLimits {
  /** Share of passages, 0..1, that are new since the last training. */
  changedShare: number;
  /** Loss of nDCG@10 on the questions that both versions of the docs answer. */
  drop: number;
  /** Age of the reranker in days, which counts only if something changed. */
  ageDays: number;
}

export const RETRAIN_DEFAULTS: RetrainLimits = { changedShare: 0.1, drop: 0.02, ageDays: 90 };

export interface RetrainFacts {
  mode: Retrain;
  /** `force` or `only` named the training stage. */
  forced: boolean;
  /** The champion's reranker, or null if no measured release serves yet. */
  champion: {
    /** Inputs of its training that have changed: options, questions, base model, code. */
    differs: string[];
    changedShare: number;
    ageDays: number;
    /** Known after the question set was evaluated; null before, and on generated questions. */
    drop: number | null;
  } | null;
}

export interface RetrainDecision {
  train: boolean;
  /** The reason, with its numbers. */
  why: string;
}

/** Decides whether to train again, or to keep the champion's reranker with a new index and calibration. */
export function decideRetrain(facts: RetrainFacts, limits: RetrainLimits = RETRAIN_DEFAULTS): RetrainDecision {
  const { mode, forced, champion } = facts;
  if (!champion) return { train: true, why: "no measured release serves yet" };
  if (forced) return { train: true, why: "forced" };
  if (mode === "always") return { train: true, why: "retrain is always" };
  if (mode === "never") return { train: false, why: "the champion's reranker is kept: retrain is never" };
  const { differs, changedShare, ageDays, drop } = champion;
  if (differs.length > 0) return { train: true, why: `${differs.join(", ")} changed since the reranker was trained` };
  const share = `${percent(changedShare)} of the passages are new since it was trained`;
  const age = `trained ${Math.floor(ageDays)} days ago`;
  if (changedShare >= limits.changedShare)
    return { train: true, why: `${share}; ${percent(limits.changedShare)} is the limit` };
  if (changedShare > 0 && ageDays >= limits.ageDays)
    return { train: true, why: `${age}; ${limits.ageDays} is the limit` };
  if (drop !== null && drop >= limits.drop)
    return {
      train: true,
      why: `nDCG@10 fell by ${drop.toFixed(3)} on the same questions; ${limits.drop} is the limit`,
    };
  const fell =
    drop === null ? "" : `, nDCG@10 on the same questions ${drop > 0 ? "-" : "+"}${Math.abs(drop).toFixed(3)}`;
  return { train: false, why: `the champion's reranker is kept: ${share}, ${age}${fell}` };
}

export interface PlannedTraining extends RetrainDecision {
  /** The run reuses the champion's reranker. Otherwise it makes one, which stays untrained unless `train` is true. */
  keep: boolean;
}

/**
 * Applies the budget to a decision.
 *
 * @param keepsTuned whether the champion's reranker is kept rather than replaced by an untrained one
 */
export function withinBudget(decision: RetrainDecision, budget: TrainingBudget, keepsTuned: boolean): PlannedTraining {
  if (!decision.train) return { ...decision, keep: true };
  if (budget.minutes > 0) return { ...decision, keep: false };
  const what = keepsTuned ? "the champion's reranker is kept, since" : "nothing is trained:";
  return { train: false, keep: keepsTuned, why: `${what} ${budget.why} (${decision.why})` };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
