import { type Dims, shapeError } from "./shapes.ts";

/**
 * Elements of a small integer tensor, as far as they are known before the graph runs. A string is the symbol of an
 * axis.
 */
export type Known = readonly (number | string)[];

/** The result of an element-wise operator on known elements; null if it is not known. */
export function combine(op: string, a: Known, b: Known): Known | null {
  const size = Math.max(a.length, b.length);
  const at = (list: Known, i: number) => (list.length === 1 ? list[0]! : list[i]!);
  if ((a.length !== size && a.length !== 1) || (b.length !== size && b.length !== 1)) return null;
  const found = Array.from({ length: size }, (_, i) => combined(op, at(a, i), at(b, i)));
  return found.includes(null) ? null : (found as Known);
}

function combined(op: string, a: number | string, b: number | string): number | string | null {
  if (op === "Equal") return equal(a, b);
  if (op === "Mul" && (a === 1 || b === 1)) return a === 1 ? b : a;
  if (typeof a !== "number" || typeof b !== "number") return null;
  if (op === "Add") return a + b;
  if (op === "Sub") return a - b;
  if (op === "Mul") return a * b;
  return op === "Div" ? Math.trunc(a / b) : null;
}

/** An axis has a size of at least 0, so it equals no negative number. */
function equal(a: number | string, b: number | string): number | null {
  if (a === b) return 1;
  if (typeof a === "number" && typeof b === "number") return 0;
  return [a, b].some((value) => typeof value === "number" && value < 0) ? 0 : null;
}

function numbers(...values: (number | string)[]): number[] {
  return values.filter((value): value is number => typeof value === "number");
}

/** The shape that ONNX's Reshape produces: 0 keeps an axis, -1 takes the remaining elements. */
export function reshapedDims(dims: Dims, target: Known): Dims {
  if (target.length === 1 && target[0] === -1 && numbers(...dims).every((dim) => dim === 1)) {
    return [dims.filter((dim) => dim !== 1).join("*") || 1];
  }
  const wanted = target.map((size, axis) => (size === 0 ? dims[axis]! : size));
  const open = wanted.indexOf(-1);
  if (open < 0) return wanted;
  const symbols = dims.filter((dim) => typeof dim === "string");
  let size = numbers(...dims).reduce((product, dim) => product * dim, 1);
  for (const dim of wanted) {
    if (dim === -1) continue;
    if (typeof dim === "number") size /= dim;
    else if (symbols.includes(dim)) symbols.splice(symbols.indexOf(dim), 1);
    else throw shapeError(`cannot infer the size of -1 in a reshape of [${dims}] to [${target}]`);
  }
  if (symbols.length > 1 || (symbols.length === 1 && size !== 1) || !Number.isInteger(size)) {
    throw shapeError(`cannot infer the size of -1 in a reshape of [${dims}] to [${target}]`);
  }
  return wanted.map((dim) => (dim === -1 ? (symbols[0] ?? size) : dim));
}

/**
 * The length of an axis after the slice `start:end` in steps of one. Negative ends and ends past the axis follow numpy.
 */
export function slicedDim(dim: number | string, start: number | string, end: number | string): number | string {
  const whole = end === dim || (typeof end === "number" && end >= 2 ** 31 - 1);
  if (start === 0 && whole) return dim;
  if (start === 0 && typeof end === "string") return end;
  if (typeof dim === "number" && typeof start === "number" && typeof end === "number") {
    const clamp = (place: number) => Math.min(dim, Math.max(0, place < 0 ? place + dim : place));
    return Math.max(0, clamp(end) - clamp(start));
  }
  if (typeof start === "number" && start < 0 && whole) return -start;
  throw shapeError(`cannot infer the length of [${start}:${end}] of an axis of ${dim}`);
}
