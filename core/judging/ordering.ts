import { dampedNewton } from "./newton.ts";
import { rankJudgments } from "./relevance.ts";
import type { RerankerRole, ScoredQuestion } from "./scored.ts";

/**
 * Penalty on the squared weights of the features at unit spread, in units of one question. With few questions, both
 * weights shrink. Only their ratio orders, and it then follows each feature's individual strength
 * (docs/evaluation.md#ladder).
 */
const RIDGE = 10;
/** Weight if the fused score carries no information: the logit alone orders. */
const LOGIT_ALONE = 100;

interface List {
  /** Fused score and logit of each candidate, centred on their means. */
  rows: [number, number][];
  /** Share of the question's gain from each candidate; the shares sum to 1. */
  targets: number[];
}

/**
 * Weight of the logit relative to the fused retrieval score: candidates are served by `fused + weight * logit`. Maximum
 * likelihood, with a ridge, of a softmax over each question's candidates (listwise: Cao et al., ICML 2007). Only
 * differences inside a question count, whereas a model of P(relevant) would also fit differences between questions. 0
 * if the logit does not help, or if no question has a relevant candidate.
 */
export function fitLogitWeight(questions: readonly ScoredQuestion[], role: RerankerRole): number {
  const lists = questions.flatMap((question) => listOf(question, role) ?? []);
  if (lists.length === 0) return 0;
  const scale = [0, 1].map((j) => spread(lists, j as 0 | 1)) as [number, number];
  const scaled = lists.map(({ rows, targets }) => ({
    rows: rows.map(([x, y]): [number, number] => [x / scale[0], y / scale[1]]),
    targets,
  }));
  const problem = {
    loss: (at: number[]) => penalisedLoss(scaled, at as [number, number]),
    step: (at: number[]) => newtonStep(scaled, at as [number, number]),
  };
  const weights = dampedNewton([0, 0], problem);
  const [fused, logit] = [weights[0]! / scale[0], weights[1]! / scale[1]];
  if (logit <= 0) return 0;
  return fused > 0 ? Math.min(logit / fused, LOGIT_ALONE) : LOGIT_ALONE;
}

/** Serving scores of the candidates, in their order. */
export function orderScores(question: ScoredQuestion, role: RerankerRole, logitWeight: number): number[] {
  return question.candidates.map(({ fused }, i) => fused + logitWeight * question.logits[role]![i]!);
}

function listOf(question: ScoredQuestion, role: RerankerRole): List | null {
  const logits = question.logits[role];
  if (!logits) return null;
  const gains = question.candidates.map(({ position }) =>
    rankJudgments(question.judgments, [position]).reduce(
      (most, { grade, rank }) => Math.max(most, rank === null ? 0 : 2 ** grade - 1),
      0,
    ),
  );
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  if (total === 0) return null;
  const fused = centred(question.candidates.map((candidate) => candidate.fused));
  const logit = centred(logits);
  return { rows: fused.map((x, i) => [x, logit[i]!]), targets: gains.map((gain) => gain / total) };
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.map((x) => x - mean);
}

function spread(lists: List[], feature: 0 | 1): number {
  const values = lists.flatMap(({ rows }) => rows.map((row) => row[feature]));
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length) || 1;
}

/** Negative log-likelihood of the softmax over each list, plus the ridge. */
function penalisedLoss(lists: List[], [a, b]: [number, number]): number {
  const ridge = (RIDGE / 2) * (a * a + b * b);
  return lists.reduce((loss, { rows, targets }) => {
    const scores = rows.map(([x, y]) => a * x + b * y);
    const { top, sum } = softmax(scores);
    const expected = scores.reduce((total, score, i) => total + targets[i]! * score, 0);
    return loss + top + Math.log(sum) - expected;
  }, ridge);
}

/** Inverse Hessian times gradient of `penalisedLoss`. */
function newtonStep(lists: List[], [a, b]: [number, number]): [number, number] {
  let [g0, g1, h00, h01, h11] = [RIDGE * a, RIDGE * b, RIDGE, 0, RIDGE];
  for (const { rows, targets } of lists) {
    const { exps, sum } = softmax(rows.map(([x, y]) => a * x + b * y));
    let [mx, my, xx, xy, yy] = [0, 0, 0, 0, 0];
    for (const [i, [x, y]] of rows.entries()) {
      const p = exps[i]! / sum;
      g0 += (p - targets[i]!) * x;
      g1 += (p - targets[i]!) * y;
      [mx, my, xx, xy, yy] = [mx + p * x, my + p * y, xx + p * x * x, xy + p * x * y, yy + p * y * y];
    }
    h00 += xx - mx * mx;
    h01 += xy - mx * my;
    h11 += yy - my * my;
  }
  const determinant = h00 * h11 - h01 * h01;
  return [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
}

/** `exp(score - top)` of each score, and their sum. Large scores cannot overflow. */
function softmax(scores: readonly number[]) {
  const top = Math.max(...scores);
  const exps = scores.map((score) => Math.exp(score - top));
  return { top, exps, sum: exps.reduce((total, x) => total + x, 0) };
}
