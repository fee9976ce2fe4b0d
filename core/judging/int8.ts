import type { Int8Verdict, Precision } from "../../contracts/evaluation.ts";
import { deviation, mean, spearman } from "../base/statistics.ts";
import { quantile } from "./bootstrap.ts";
import { ndcgAt } from "./metrics.ts";
import { rankJudgments } from "./relevance.ts";
import { descending, type ScoredQuestion } from "./scored.ts";
import { INT8_LIMITS } from "./twinLimits.ts";

/** One question's candidates scored by both precisions. */
export interface TwinScores {
  question: Pick<ScoredQuestion, "answerable" | "judgments" | "candidates">;
  /** In the candidates' order. */
  logits: Record<Precision, number[]>;
  /** Absent if not measured. */
  milliseconds: Partial<Record<Precision, number>>;
}

/** Judges the twin on questions scored by both precisions: it must be close enough, and faster at the median. Pure. */
export function judgeTwin(scores: readonly TwinScores[]): Int8Verdict {
  const errors = scores.flatMap(({ logits }) => logits.float32.map((logit, i) => Math.abs(logit - logits.int8[i]!)));
  const sorted = [...errors].sort((a, b) => a - b);
  const spread = deviation(scores.flatMap(({ logits }) => logits.float32));
  const numbers = {
    questions: scores.length,
    pairs: errors.length,
    logitError: {
      mean: mean(errors),
      p95: quantile(sorted, 0.95),
      max: sorted.at(-1) ?? 0,
      ofSpread: Math.sqrt(mean(errors.map((error) => error * error))) / (spread || 1),
    },
    spearman: mean(scores.map(({ logits }) => spearman(logits.float32, logits.int8))),
    ndcg: each((precision) => meanNdcg(scores, precision)),
    p50Ms: each((precision) => timeAt(scores, precision, 0.5)),
    p95Ms: each((precision) => timeAt(scores, precision, 0.95)),
  };
  const faults = faultsOf(numbers);
  return { accepted: faults.length === 0, detail: detailOf(numbers, faults), ...numbers };
}

/** The verdict if the evaluating processor computes integer products wrong. Nothing is measured. */
export function unusableTwin(): Int8Verdict {
  const none = { float32: 0, int8: 0 };
  return {
    accepted: false,
    detail: "float32 serves: this processor computes the int8 twin's products wrong (it lacks VNNI)",
    questions: 0,
    pairs: 0,
    logitError: { mean: 0, p95: 0, max: 0, ofSpread: 0 },
    spearman: 0,
    ndcg: none,
    p50Ms: none,
    p95Ms: none,
  };
}

type Numbers = Omit<Int8Verdict, "accepted" | "detail">;

function faultsOf({ pairs, logitError, spearman, ndcg, p50Ms }: Numbers): string[] {
  const faults: string[] = [];
  if (pairs === 0) faults.push("there are no pairs to judge it on");
  if (ndcg.float32 - ndcg.int8 > INT8_LIMITS.ndcgLoss)
    faults.push(`it loses more than ${INT8_LIMITS.ndcgLoss} nDCG@10`);
  if (spearman < INT8_LIMITS.spearman) faults.push(`its rank correlation is below ${INT8_LIMITS.spearman}`);
  if (logitError.ofSpread > INT8_LIMITS.logitError) {
    faults.push(`its logit error is above ${INT8_LIMITS.logitError} of the logits' spread`);
  }
  if (p50Ms.int8 >= p50Ms.float32) faults.push("it is not faster here");
  return faults;
}

function detailOf({ pairs, logitError, spearman, ndcg, p50Ms }: Numbers, faults: string[]): string {
  const numbers =
    `on ${pairs} pairs: logit error ${logitError.mean.toFixed(3)} (p95 ${logitError.p95.toFixed(3)}, ` +
    `${(100 * logitError.ofSpread).toFixed(0)} % of the spread), rank correlation ${spearman.toFixed(3)}, ` +
    `nDCG@10 ${ndcg.float32.toFixed(3)} -> ${ndcg.int8.toFixed(3)}, ` +
    `p50 ${Math.round(p50Ms.float32)} -> ${Math.round(p50Ms.int8)} ms`;
  return faults.length === 0
    ? `the int8 twin serves; ${numbers}`
    : `the int8 twin is refused, float32 serves: ${faults.join(", ")}; ${numbers}`;
}

function meanNdcg(scores: readonly TwinScores[], precision: Precision): number {
  const answerable = scores.filter(({ question }) => question.answerable);
  return mean(
    answerable.map(({ question: { judgments, candidates }, logits }) => {
      const order = descending(logits[precision]).map((i) => candidates[i]!.position);
      return ndcgAt(10, rankJudgments(judgments, order));
    }),
  );
}

function timeAt(scores: readonly TwinScores[], precision: Precision, level: number): number {
  const times = scores.flatMap(({ milliseconds }) => milliseconds[precision] ?? []).sort((a, b) => a - b);
  return times.length === 0 ? 0 : quantile(times, level);
}

function each(value: (precision: Precision) => number): Record<Precision, number> {
  return { float32: value("float32"), int8: value("int8") };
}
