import type { MetricName } from "../../contracts/evaluation.ts";

/** Smallest change of a question's nDCG@10 that counts as one. */
export const SMALLEST_CHANGE = 0.005;

/** A judgment with the 1-based rank of the passage that satisfies it, or `null` if retrieval missed it. */
export interface GradedRank {
  grade: 1 | 2;
  rank: number | null;
}

/**
 * Normalised discounted cumulative gain at `k` (Järvelin and Kekäläinen 2002, gain 2^grade - 1), 0..1. Capped at 1,
 * because one passage may satisfy several judgments and exceed the ideal sum.
 */
export function ndcgAt(k: number, judgments: GradedRank[]): number {
  const gained = judgments.reduce((sum, j) => (j.rank !== null && j.rank <= k ? sum + gain(j.grade, j.rank) : sum), 0);
  const ideal = judgments
    .map((j) => j.grade)
    .sort((a, b) => b - a)
    .slice(0, k)
    .reduce((sum, grade, i) => sum + gain(grade, i + 1), 0);
  return ideal === 0 ? 0 : Math.min(1, gained / ideal);
}

/** Reciprocal rank of the first satisfied judgment within `k`, else 0. */
export function mrrAt(k: number, judgments: GradedRank[]): number {
  const first = bestRank(judgments);
  return first <= k ? 1 / first : 0;
}

/** 1 if the first passage satisfies any judgment, otherwise 0. */
export function hitAt1(judgments: GradedRank[]): number {
  return bestRank(judgments) === 1 ? 1 : 0;
}

/** Share of judgments satisfied within `k`, 0..1. */
export function recallAt(k: number, judgments: GradedRank[]): number {
  if (judgments.length === 0) return 0;
  return judgments.filter((j) => j.rank !== null && j.rank <= k).length / judgments.length;
}

/** All reported metrics of one question. */
export function questionMetrics(judgments: GradedRank[]): Record<MetricName, number> {
  return {
    "ndcg@10": ndcgAt(10, judgments),
    "mrr@10": mrrAt(10, judgments),
    "hit@1": hitAt1(judgments),
    "recall@30": recallAt(30, judgments),
  };
}

function gain(grade: number, rank: number): number {
  return (2 ** grade - 1) / Math.log2(rank + 1);
}

function bestRank(judgments: GradedRank[]): number {
  return judgments.reduce((best, j) => Math.min(best, j.rank ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
}
