import { WinnowError } from "../base/errors.ts";
import type { Dim } from "./schema.ts";

export type Dims = readonly Dim[];

/** The shape of an element-wise operation by numpy's rules; symbols broadcast only with themselves and 1. */
export function broadcast(a: Dims, b: Dims): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw shapeError(`shapes ${show(a)} and ${show(b)} do not broadcast`);
  });
}

/** The shape of a batched matrix product; `transA` and `transB` transpose the last two axes of a side. */
export function matrixProduct(a: Dims, b: Dims, transA: boolean, transB: boolean): Dim[] {
  const [rows, innerA] = lastTwo(a, transA);
  const [innerB, columns] = lastTwo(b, transB);
  if (innerA !== innerB) {
    throw shapeError(`matrices ${show(a)}${transA ? "'" : ""} and ${show(b)}${transB ? "'" : ""} do not multiply`);
  }
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), rows, columns];
}

/** The shape after reducing `axes`; negative axes count from the end. */
export function reduced(dims: Dims, axes: readonly number[], keepdims: boolean): Dim[] {
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + dims.length : axis)));
  return keepdims ? dims.map((dim, axis) => (gone.has(axis) ? 1 : dim)) : dims.filter((_, axis) => !gone.has(axis));
}

export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function show(dims: Dims): string {
  return `[${dims.join(", ")}]`;
}

export function shapeError(message: string): WinnowError {
  return new WinnowError("UnsupportedGraph", message);
}

function lastTwo(dims: Dims, transposed: boolean): [Dim, Dim] {
  if (dims.length < 2) throw shapeError(`a matrix product needs at least two axes, got ${show(dims)}`);
  const [rows, columns] = dims.slice(-2) as [Dim, Dim];
  return transposed ? [columns, rows] : [rows, columns];
}
