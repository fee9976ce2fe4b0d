import type { Ranking } from "./passage.ts";

/** A value with its 95 % bootstrap interval over questions. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export const METRICS = ["ndcg@10", "mrr@10", "hit@1", "recall@30"] as const;
export type MetricName = (typeof METRICS)[number];

/** One row of the ladder: the same candidates with one more part of the system. */
export interface LadderRow {
  name: string;
  metrics: Record<MetricName, Estimate>;
}

/** Mean paired difference `a - b` of one metric, with its bootstrap interval. */
export interface PairedDifference {
  a: string;
  b: string;
  metric: MetricName;
  difference: number;
  low: number;
  high: number;
}

/** How well a release abstains; `null` if no question measures it. docs/evaluation.md#abstention */
export interface AbstentionReport {
  /** Probability that an answerable question has a higher best P(relevant) than an unanswerable near-topic one. */
  aurocNear: number | null;
  /** The same against off-topic questions. */
  aurocOffTopic: number | null;
  /** Mean gap, 0..1, between P(relevant) and observed relevance, in ten bins over each question's first passage. */
  ece: number | null;
  /** Brier skill of P(relevant) of the first passage over predicting the base rate: 1 is perfect, 0 no better. */
  brierSkill: number | null;
  /** Share of unanswerable questions that were answered. */
  falseAnswerRate: number | null;
  /** The set has no unanswerable question; its own questions stand in, with their judged pages removed. */
  standIns?: true;
  /** Share of questions with a judged passage among the candidates that were refused. */
  falseRefusalRate: number | null;
  /**
   * Share of answerable questions that were answered with no judged passage among those an answer uses: the first four,
   * as served, that reach the threshold.
   */
  wrongEvidenceRate: number | null;
  /** The same rates by the two limits of `ask`, between which it says that it is not sure. */
  unsure: UnsureReport | null;
  /** Questions with a first passage: the sample of ECE and Brier skill. */
  n: number;
}

/** Rates when a question between the limits is neither answered nor refused. */
export interface UnsureReport {
  /** Share of all questions between the limits. */
  rate: number;
  /** Share of unanswerable questions above both limits. */
  falseAnswerRate: number | null;
  /** Share of questions with a judged passage among the candidates that are below both limits. */
  falseRefusalRate: number | null;
}

export const PRECISIONS = ["float32", "int8"] as const;
/** Arithmetic of a reranker: the float32 model as trained, or its dynamically quantised int8 twin. */
export type Precision = (typeof PRECISIONS)[number];

/** The int8 twin against the float32 model, on the same pairs in one run, on the evaluating machine. */
export interface Int8Verdict {
  /** True if the twin serves, false if the float32 model does. */
  accepted: boolean;
  /** The numbers in one line, and any limit that was missed. */
  detail: string;
  questions: number;
  pairs: number;
  /** Absolute difference of the logits; `ofSpread` is the root mean square over the logits' standard deviation. */
  logitError: { mean: number; p95: number; max: number; ofSpread: number };
  /** Spearman's rank correlation within a question, averaged over questions. */
  spearman: number;
  /** nDCG@10 of the order by logit, over the answerable questions of the sample. */
  ndcg: Record<Precision, number>;
  /** Time of reranking one question, in milliseconds. */
  p50Ms: Record<Precision, number>;
  p95Ms: Record<Precision, number>;
}

/**
 * Origin of calibration and threshold. `out-of-fold`: fitted on the other folds. `frozen`: the release's own.
 * `in-sample`: the release's own, fitted on these very questions, so that dependent figures are optimistic.
 */
export type CalibrationUse = "out-of-fold" | "frozen" | "in-sample";

/** A requested share of false answers, and the questions that its threshold was fitted on. */
export interface AskedFalseAnswers {
  share: number;
  /** `page-removed`: no question is unanswerable, so each stands in once more with its judged pages removed. */
  keptOn: "unanswerable" | "page-removed";
  /** Questions that the threshold was fitted on. */
  questions: number;
  /**
   * Bound on the probability, 0..1, that the next such question is answered. It falls with the number of questions
   * (docs/evaluation.md#abstention).
   */
  promise: number;
}

/** Result of `evaluate`. docs/evaluation.md defines its numbers. */
export interface EvaluationSummary {
  /** Answerable questions scored. */
  questions: number;
  /** Questions excluded because this corpus version lacks their evidence. */
  stale: number;
  /** Questions excluded because a reranker was trained on an accepted vote on nearly the same; absent without any. */
  trained?: number;
  /** `judged`: from the given question set. `generated`: made from the docs, which is optimistic. */
  source: "judged" | "generated";
  /** The generated questions are about all pages, as no page was held out for them; absent otherwise. */
  allPages?: true;
  ladder: LadderRow[];
  paired: PairedDifference[];
  abstention: AbstentionReport;
  /** Weights of the reranker in the row `served`: tuned on these docs, or untrained. */
  reranker: "tuned" | "untrained";
  calibration: CalibrationUse;
  /** Absent if none was requested. */
  askedFalseAnswers?: AskedFalseAnswers;
  /** Null if there was no twin to judge. */
  int8: Int8Verdict | null;
}

/** One line of the gate's verdict. */
export interface Criterion {
  name: string;
  passed: boolean;
  detail: string;
}

export interface GateDecision {
  promoted: boolean;
  ranking: Ranking;
  reason: string;
  criteria: Criterion[];
}
