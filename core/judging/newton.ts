export interface NewtonProblem {
  loss(at: number[]): number;
  /** Inverse Hessian times gradient. */
  step(at: number[]): number[];
}

/**
 * Minimises a convex loss by Newton's method, halving each step until the loss falls. Whole steps can diverge:
 * separable data overshoots. A softmax over few lists can jump to a nearly singular Hessian, and further steps are then
 * random.
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
