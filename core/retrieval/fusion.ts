/** Constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009). */
export const RRF_K = 60;

export interface Fused {
  position: number;
  /** Sum over the lists of 1 / (k + rank), ranks from 1. */
  fused: number;
}

/** Fuses ranked lists of positions, best first; equal sums are ordered by position. */
export function reciprocalRankFusion(lists: ArrayLike<number>[], k = RRF_K): Fused[] {
  const sums = new Map<number, number>();
  for (const list of lists) {
    Array.from(list).forEach((position, at) => {
      sums.set(position, (sums.get(position) ?? 0) + 1 / (k + at + 1));
    });
  }
  return Array.from(sums, ([position, fused]) => ({ position, fused })).sort(
    (a, b) => b.fused - a.fused || a.position - b.position,
  );
}

/** Weight of BM25 relative to the cosine, per natural logarithm of the corpus size. Chosen on k8s-dev. */
const BM25_WEIGHT = 0.19;

/**
 * Adds cosine and BM25, because scores show how much better a passage is, and ranks do not. BM25 is divided by the
 * largest possible idf in a corpus of `count` passages, so the weight fits corpora of any size. It is not normalised by
 * question: one with many rare words is one that words can answer.
 */
export function weightedFusion(
  positions: Iterable<number>,
  score: (position: number) => { cosine: number; bm25: number },
  count: number,
): Fused[] {
  const weight = BM25_WEIGHT / Math.log(Math.max(count, 2));
  return Array.from(positions, (position) => {
    const { cosine, bm25 } = score(position);
    return { position, fused: cosine + weight * bm25 };
  }).sort((a, b) => b.fused - a.fused || a.position - b.position);
}
