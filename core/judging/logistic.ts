import { dampedNewton } from "./newton.ts";

/** L2-regularised logistic regression by Newton's method (iteratively re-weighted least squares). */
export interface LogisticModel {
  weights: number[];
  bias: number;
}

export interface LogisticOptions {
  /** Penalty on the squared weights (never the bias), in units of one observation. */
  l2?: number;
  /** Weights that the penalty draws towards, one for each feature. Default: zeros. */
  towards?: readonly number[];
  iterations?: number;
}

/** Penalty on the weights' distance from `around`. The bias, at 0, is not penalised. */
interface Ridge {
  l2: number;
  around: readonly number[];
}

/** 1 / (1 + exp(-x)) without overflow at either end. */
export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/**
 * Fits P(target) = sigmoid(weights · row + bias) by maximum likelihood with a ridge penalty.
 * @param rows observations of equal length
 * @param targets probabilities 0..1, one for each row (0 and 1 for hard labels)
 */
export function fitLogistic(rows: number[][], targets: number[], options: LogisticOptions = {}): LogisticModel {
  const features = rows[0]?.length ?? 0;
  const { l2 = 1, iterations = 50, towards = new Array<number>(features).fill(0) } = options;
  const start = [0, ...towards];
  const ridge: Ridge = { l2, around: start };
  const problem = {
    loss: (theta: number[]) => penalisedLoss(rows, targets, theta, ridge),
    step: (theta: number[]) => newtonStep(rows, targets, theta, ridge),
  };
  const theta = dampedNewton(start, problem, iterations);
  return { weights: theta.slice(1), bias: theta[0]! };
}

function linear(theta: number[], row: number[]): number {
  return row.reduce((sum, x, j) => sum + x * theta[j + 1]!, theta[0]!);
}

function penalisedLoss(rows: number[][], targets: number[], theta: number[], { l2, around }: Ridge): number {
  let loss = 0;
  for (const [i, row] of rows.entries()) {
    const x = linear(theta, row);
    loss += Math.max(x, 0) - x * targets[i]! + Math.log1p(Math.exp(-Math.abs(x)));
  }
  return theta.reduce((sum, w, j) => (j === 0 ? sum : sum + 0.5 * l2 * (w - around[j]!) ** 2), loss);
}

function newtonStep(rows: number[][], targets: number[], theta: number[], { l2, around }: Ridge): number[] {
  const size = theta.length;
  const gradient = theta.map((w, j) => (j === 0 ? 0 : l2 * (w - around[j]!)));
  const hessian = theta.map((_, j) => theta.map((__, k) => (j === k ? (j === 0 ? 1e-9 : l2) : 0)));
  for (const [i, row] of rows.entries()) {
    const p = sigmoid(linear(theta, row));
    const x = [1, ...row];
    for (let j = 0; j < size; j++) {
      gradient[j]! += (p - targets[i]!) * x[j]!;
      for (let k = 0; k < size; k++) hessian[j]![k]! += p * (1 - p) * x[j]! * x[k]!;
    }
  }
  return solve(hessian, gradient);
}

/** Gaussian elimination with partial pivoting; a singular direction gets no step. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let col = 0; col < n; col++) {
    let pivot = col;
    for (let r = col + 1; r < n; r++) if (Math.abs(rows[r]![col]!) > Math.abs(rows[pivot]![col]!)) pivot = r;
    [rows[col], rows[pivot]] = [rows[pivot]!, rows[col]!];
    const head = rows[col]![col]!;
    if (Math.abs(head) < 1e-12) continue;
    for (let r = 0; r < n; r++) {
      if (r === col) continue;
      const factor = rows[r]![col]! / head;
      for (let c = col; c <= n; c++) rows[r]![c]! -= factor * rows[col]![c]!;
    }
  }
  return rows.map((row, i) => (Math.abs(row[i]!) < 1e-12 ? 0 : row[n]! / row[i]!));
}
