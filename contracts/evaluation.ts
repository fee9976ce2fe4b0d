import type { Ranking } from "./passage.ts";

/** A value with its 95 % bootstrap interval over questions. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export const METRICS = ["ndcg@10", "mrr@10", "hit@1", "recall@30"] as const;
export type MetricName = (typeof METRICS)[number];

/** One step of the ladder: the same candidates, one more part of the system. */
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

/** How well a release knows when not to answer; `null` where no question could tell. docs/evaluation.md, "Abstention". */
export interface AbstentionReport {
  /** Probability that an answerable question has a higher best P(relevant) than a near-topic one without an answer. */
  aurocNear: number | null;
  /** The same against off-topic questions. */
  aurocOffTopic: number | null;
  /** Mean gap, 0..1, of P(relevant) and how often it comes true, in ten bins of each question's first passage. */
  ece: number | null;
  /** What P(relevant) of the first passage explains beyond always telling the base rate: 1 all, 0 nothing. */
  brierSkill: number | null;
  /** Answered though unanswerable, of all unanswerable. */
  falseAnswerRate: number | null;
  /** The set has no unanswerable question: its own questions, their judged pages taken out, stood in for some. */
  standIns?: true;
  /** Refused though a judged passage was among the candidates, of all such questions. */
  falseRefusalRate: number | null;
  /**
   * Answered although none of the passages an answer draws on (the first four, as served, that reach the threshold) is a
   * judged one, of all answerable questions.
   */
  wrongEvidenceRate: number | null;
  /** Questions with a first passage: those of ECE and Brier skill. */
  n: number;
}

export const PRECISIONS = ["float32", "int8"] as const;
/** Arithmetic of a reranker: its model as trained, or the dynamically quantised twin. */
export type Precision = (typeof PRECISIONS)[number];

/** The int8 twin beside the float32 model, on the same pairs, in one run, on the machine that evaluated. */
export interface Int8Verdict {
  /** The twin serves; otherwise the float32 model does. */
  accepted: boolean;
  /** The numbers in one line, and what was missed. */
  detail: string;
  questions: number;
  pairs: number;
  /** Absolute difference of the logits; `ofSpread` is the root mean square over the logits' standard deviation. */
  logitError: { mean: number; p95: number; max: number; ofSpread: number };
  /** Spearman's rank correlation within a question, averaged. */
  spearman: number;
  /** nDCG@10 of the order by logit, over the answerable ones of these questions. */
  ndcg: Record<Precision, number>;
  /** Time of reranking one question, in milliseconds. */
  p50Ms: Record<Precision, number>;
  p95Ms: Record<Precision, number>;
}

/**
 * Where calibration and threshold came from: fitted on the other folds; a release's own; or a release's own that was
 * fitted on these very questions, so that figures which depend on it are optimistic.
 */
export type CalibrationUse = "out-of-fold" | "frozen" | "in-sample";

/** A share of false answers that a run asked for, and what its threshold could be kept to it on. */
export interface AskedFalseAnswers {
  share: number;
  /** `page-removed`: no question is unanswerable, so each stood in once more with its judged pages taken away. */
  keptOn: "unanswerable" | "page-removed";
}

/** Result of `evaluate`; docs/evaluation.md defines its numbers. */
export interface EvaluationSummary {
  /** Answerable questions scored. */
  questions: number;
  /** Questions whose evidence is not in this corpus version: excluded. */
  stale: number;
  /** `judged`: a question set was given; `generated`: made from held-out pages, optimistic. */
  source: "judged" | "generated";
  ladder: LadderRow[];
  paired: PairedDifference[];
  abstention: AbstentionReport;
  /** Which weights the reranker of "served" has: those tuned on these docs, or those before. */
  reranker: "tuned" | "untrained";
  calibration: CalibrationUse;
  /** Absent where none was asked for. */
  askedFalseAnswers?: AskedFalseAnswers;
  /** Null where there was no twin to judge. */
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
