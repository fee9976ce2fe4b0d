import type { EvaluationSummary } from "../../contracts/evaluation.ts";
import { deviation, mean } from "../base/statistics.ts";
import { quantile } from "./bootstrap.ts";
import { sigmoid } from "./logistic.ts";

/** Inputs of the abstention rule for one question. */
export interface Decidable {
  id: string;
  /** True if the docs hold an answer. */
  answerable: boolean;
  /** True if a judged passage was among the candidates. */
  retrieved: boolean;
  /** Highest relevance among the candidates, 0..1. Below the threshold, the question is refused. */
  best: number;
}

export interface AbstentionRates {
  /** Share of unanswerable questions that were answered. */
  falseAnswerRate: number | null;
  /** Share of questions refused although a judged passage was retrieved. */
  falseRefusalRate: number | null;
}

/** True if no candidate reaches the threshold. */
export function refuses(threshold: number, best: number): boolean {
  return best < threshold;
}

export interface ThresholdOptions {
  /** Choose the lowest threshold that keeps to this share of false answers. Needs no answerable questions. */
  falseAnswers?: number;
  /** Origin of the questions. Default: people. */
  source?: EvaluationSummary["source"];
  /** All questions, of which these are a part: their number decides whether few were made. Default: these. */
  all?: readonly Decidable[];
}

/**
 * Relevance threshold that minimises false-answer rate + false-refusal rate. For judged questions both rates are
 * smoothed: a few dozen lie so far apart that the best gap between them is chance. Questions made from the docs score
 * well above off-topic ones, and people's questions lie between. So they use the lowest of the best gaps, and fewer than
 * ten of them its lower end (docs/evaluation.md#abstention). With only one kind of question there is no trade-off: 0.5.
 */
export function chooseThreshold(questions: readonly Decidable[], options: ThresholdOptions = {}): number {
  const start = abstentionRates(questions, () => 0);
  if (start.falseAnswerRate === null) return 0.5;
  const { falseAnswers, source = "judged", all = questions } = options;
  if (falseAnswers !== undefined) {
    const keepsTo = (cut: number) => abstentionRates(questions, () => cut).falseAnswerRate! <= falseAnswers;
    return cutsOf(questions).find(keepsTo) ?? 1;
  }
  if (start.falseRefusalRate === null) return 0.5;
  if (source === "generated") return lowestOfBest(questions, findableOf(all).length < FEW_GENERATED);
  const scoresOf = (kind: Decidable[]) => kind.map(({ best }) => logOdds(best));
  return leastError(scoresOf(unanswerableOf(questions)), scoresOf(findableOf(questions)));
}

/** Fewer retrieved questions that were made from the docs leave a wide gap, in which most questions of people lie. */
const FEW_GENERATED = 10;
/** Place of their threshold in the gap, in log odds from its lower end. Measured: research/notebook/refusals.md#docs-of-one-page. */
const LOW_IN_GAP = 0.1;

/** A cut between each two neighbouring scores, and both ends. Default: midpoints. */
function cutsOf(questions: readonly Decidable[], between = (low: number, high: number) => (low + high) / 2): number[] {
  const scores = [...new Set(questions.map((q) => q.best))].sort((a, b) => a - b);
  return [0, ...scores.slice(1).map((score, i) => between(scores[i]!, score)), 1];
}

/** Log odds end at 0.001 and 0.999: beyond these, the midpoint. */
function lowInGap(low: number, high: number): number {
  const cut = sigmoid(logOdds(low) + LOW_IN_GAP * (logOdds(high) - logOdds(low)));
  return low < cut && cut <= high ? cut : (low + high) / 2;
}

function lowestOfBest(questions: readonly Decidable[], few: boolean): number {
  let best = { cut: 0.5, cost: Number.POSITIVE_INFINITY };
  for (const cut of few ? cutsOf(questions, lowInGap) : cutsOf(questions)) {
    const { falseAnswerRate, falseRefusalRate } = abstentionRates(questions, () => cut);
    const cost = falseAnswerRate! + falseRefusalRate!;
    if (cost < best.cost - 1e-12) best = { cut, cost };
  }
  return best.cut;
}

const CUTS_TRIED = 400;
const LEAST_PROBABILITY = 1e-3;
/** Smaller differences in cost count as equal. A gap between the two kinds is flat except for rounding. */
const EQUAL_COST = 1e-9;

/**
 * The probability with the least error between the two kinds' smoothed distributions of log odds: the middle of the
 * first such stretch. 0, which refuses nothing, if the lowest score is as good as any.
 */
function leastError(unanswerable: number[], findable: number[]): number {
  const all = [...unanswerable, ...findable].sort((a, b) => a - b);
  const [low, high] = [all[0]!, all.at(-1)!];
  const above = smoothedShare(all);
  const cuts = evenCuts(low, high);
  const costs = cuts.map((cut) => above(unanswerable, cut) + 1 - above(findable, cut));
  const least = Math.min(...costs) + EQUAL_COST;
  const first = costs.findIndex((cost) => cost <= least);
  if (first === 0) return 0;
  const after = costs.findIndex((cost, i) => i > first && cost > least);
  const last = (after === -1 ? costs.length : after) - 1;
  return sigmoid((cuts[first]! + cuts[last]!) / 2);
}

/** Evenly spaced cuts, both ends included. */
export function evenCuts(low: number, high: number): number[] {
  return Array.from({ length: CUTS_TRIED + 1 }, (_, i) => low + ((high - low) * i) / CUTS_TRIED);
}

/**
 * A function that gives the smoothed share of scores above a cut. Each score is a logistic kernel with the width of
 * Silverman's rule of thumb (1986, (3.31)) over all scores: 1.06 n^(-1/5) of the spread.
 *
 * @param ascending all scores, in ascending order
 */
export function smoothedShare(ascending: number[]): (scores: readonly number[], cut: number) => number {
  const width = 1.06 * ascending.length ** -0.2 * spreadOf(ascending);
  const scale = Math.max(1e-3, (width * Math.sqrt(3)) / Math.PI);
  return (scores, cut) => mean(scores.map((score) => sigmoid((score - cut) / scale)));
}

/** The standard deviation, or that of a normal distribution with the same quartiles if it is smaller. */
function spreadOf(ascending: number[]): number {
  const quartiles = (quantile(ascending, 0.75) - quantile(ascending, 0.25)) / 1.349;
  return quartiles > 0 ? Math.min(deviation(ascending), quartiles) : deviation(ascending);
}

/** ln(p / (1 - p)) of a probability that is kept a little away from 0 and 1. */
export function logOdds(probability: number): number {
  const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  return Math.log(p / (1 - p));
}

/**
 * Rates under a threshold that may differ by question (each fold's own). `null` if no question could have that error.
 */
export function abstentionRates<Q extends Decidable>(
  questions: readonly Q[],
  thresholdOf: (question: Q) => number,
): AbstentionRates {
  const refused = (q: Q) => refuses(thresholdOf(q), q.best);
  return {
    falseAnswerRate: share(unanswerableOf(questions), (q) => !refused(q)),
    falseRefusalRate: share(findableOf(questions), refused),
  };
}

export function unanswerableOf<Q extends Decidable>(questions: readonly Q[]): Q[] {
  return questions.filter((q) => !q.answerable);
}

export function findableOf<Q extends Decidable>(questions: readonly Q[]): Q[] {
  return questions.filter((q) => q.answerable && q.retrieved);
}

/** Probability that a positive scores above a negative; ties count half. `null` unless both exist. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  let wins = 0;
  for (const p of positives) for (const n of negatives) wins += p > n ? 1 : p === n ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
}

/** Share of the items that pass the test, 0..1; `null` for no items. */
export function share<T>(items: readonly T[], test: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(test).length / items.length;
}
