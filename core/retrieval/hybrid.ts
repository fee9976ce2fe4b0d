/** Constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009). */
export const RRF_K = 60;

export interface Fused {
  position: number;
  /** Sum over the lists of 1 / (k + rank), ranks from 1. */
  fused: number;
}

/** Fuses ranked lists of positions, best first; equal sums in order of position. */
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
