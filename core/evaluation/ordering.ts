import { rankJudgments } from "./relevance.ts";
import type { RerankerRole, ScoredQuestion } from "./scored.ts";

const RIDGE = 1e-3;
const ITERATIONS = 50;
/** Where the fused score tells nothing: the logit alone orders. */
const LOGIT_ALONE = 100;

interface List {
  /** Fused score and logit of each candidate, centred on their means. */
  rows: [number, number][];
  /** Share of the question's gain each candidate brings; they sum to 1. */
  targets: number[];
}

/**
 * Weight of the logit beside the fused retrieval score in the order served: candidates go by `fused + weight * logit`.
 * Maximum likelihood of a softmax over each question's candidates (listwise: Cao et al., ICML 2007), so only differences
 * inside a question count; a model of P(relevant) would also spend its weights on telling questions apart. 0 where the
 * logit does not help, or no question has a relevant candidate.
 */
export function fitLogitWeight(questions: readonly ScoredQuestion[], role: RerankerRole): number {
  const lists = questions.flatMap((question) => listOf(question, role) ?? []);
  if (lists.length === 0) return 0;
  const scale = [0, 1].map((j) => spread(lists, j as 0 | 1)) as [number, number];
  let weights: [number, number] = [0, 0];
  for (let i = 0; i < ITERATIONS; i++) {
    const step = newtonStep(lists, scale, weights);
    weights = [weights[0] - step[0], weights[1] - step[1]];
    if (Math.abs(step[0]) + Math.abs(step[1]) < 1e-9) break;
  }
  const [fused, logit] = [weights[0] / scale[0], weights[1] / scale[1]];
  if (logit <= 0) return 0;
  return fused > 0 ? Math.min(logit / fused, LOGIT_ALONE) : LOGIT_ALONE;
}

/** Scores by which the candidates are served, in their order. */
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

/** Inverse Hessian times gradient of the mean negative log-likelihood with its ridge. */
function newtonStep(lists: List[], scale: [number, number], [a, b]: [number, number]): [number, number] {
  let [g0, g1, h00, h01, h11] = [RIDGE * a, RIDGE * b, RIDGE, 0, RIDGE];
  for (const { rows, targets } of lists) {
    const scaled = rows.map(([x, y]) => [x / scale[0], y / scale[1]] as const);
    const scores = scaled.map(([x, y]) => a * x + b * y);
    const top = Math.max(...scores);
    const exps = scores.map((score) => Math.exp(score - top));
    const sum = exps.reduce((total, x) => total + x, 0);
    let [mx, my, xx, xy, yy] = [0, 0, 0, 0, 0];
    for (const [i, [x, y]] of scaled.entries()) {
      const p = exps[i]! / sum;
      g0 += ((p - targets[i]!) * x) / lists.length;
      g1 += ((p - targets[i]!) * y) / lists.length;
      [mx, my, xx, xy, yy] = [mx + p * x, my + p * y, xx + p * x * x, xy + p * x * y, yy + p * y * y];
    }
    h00 += (xx - mx * mx) / lists.length;
    h01 += (xy - mx * my) / lists.length;
    h11 += (yy - my * my) / lists.length;
  }
  const determinant = h00 * h11 - h01 * h01;
  return [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
}
