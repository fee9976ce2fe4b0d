export interface NewtonProblem {
  loss(at: number[]): number;
  /** Inverse Hessian times gradient. */
  step(at: number[]): number[];
}

/**
 * Minimises a convex loss by Newton's method, each step halved until the loss falls. Whole steps need not: separable data
 * overshoots, and a softmax over few lists jumps to where its Hessian is next to singular, and from there at random.
 */
export function dampedNewton(start: number[], { loss, step }: NewtonProblem, iterations = 50): number[] {
  let best = { at: start, loss: loss(start) };
  for (let i = 0; i < iterations; i++) {
    const next = lineSearch(best, step(best.at), loss);
    if (next === null || next.loss > best.loss - 1e-10) break;
    best = next;
  }
  return best.at;
}

function lineSearch({ at, loss }: { at: number[]; loss: number }, step: number[], lossOf: NewtonProblem["loss"]) {
  for (let scale = 1; scale > 1e-6; scale /= 2) {
    const candidate = at.map((x, j) => x - scale * step[j]!);
    const found = lossOf(candidate);
    if (found < loss) return { at: candidate, loss: found };
  }
  return null;
}
