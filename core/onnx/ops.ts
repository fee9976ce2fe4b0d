import type { Graph, Value } from "./graph.ts";
import { slicedDim } from "./knownIntegers.ts";
import type { OpType } from "./opset.ts";
import type { ElementType } from "./schema.ts";
import { broadcast, type Dims, matrixProduct, reduced, shapeError, show } from "./shapes.ts";

/** Element-wise operators with numpy broadcasting; a number is a float scalar. */
export const add = binary("Add");
export const sub = binary("Sub");
export const mul = binary("Mul");
export const div = binary("Div");
export const min = binary("Min");
/** a to the power b. Gradients flow to `a` only. */
export const pow = binary("Pow");

export const abs = unary("Abs");
/** No gradients flow through cosines and sines: they are of positions. */
export const cos = unary("Cos");
export const erf = unary("Erf");
export const exp = unary("Exp");
/** The exact GELU, x * Phi(x). */
export const gelu = unary("Gelu");
export const log = unary("Log");
export const neg = unary("Neg");
export const relu = unary("Relu");
export const sign = unary("Sign");
export const sin = unary("Sin");
export const sqrt = unary("Sqrt");
export const tanh = unary("Tanh");

export interface ProductOptions {
  transA?: boolean;
  transB?: boolean;
  /** Factor of the product. */
  alpha?: number;
}

/** alpha * A B over the last two axes; the other axes broadcast. */
export function matmul(graph: Graph, a: Value, b: Value, options: ProductOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  const attributes = { alpha, transA: Number(transA), transB: Number(transB) };
  return graph.node("FusedMatMul", [a, b], attributes, "float32", matrixProduct(a.dims, b.dims, transA, transB));
}

/** alpha * A B + bias for two-dimensional A and B; `bias` broadcasts to the product. */
export function gemm(graph: Graph, a: Value, b: Value, bias: Value | null, options: ProductOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  if (a.dims.length !== 2 || b.dims.length !== 2) throw shapeError(`Gemm takes matrices, got ${show(a.dims)}`);
  const attributes = { alpha, beta: 1, transA: Number(transA), transB: Number(transB) };
  const dims = matrixProduct(a.dims, b.dims, transA, transB);
  return graph.node("Gemm", bias ? [a, b, bias] : [a, b], attributes, "float32", dims);
}

/** Softmax over the last axis. */
export function softmax(graph: Graph, x: Value): Value {
  return graph.node("Softmax", [x], { axis: -1 }, x.type, x.dims);
}

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(graph: Graph, x: Value): Value {
  return graph.node("LogSoftmax", [x], { axis: -1 }, x.type, x.dims);
}

/** Normalises the last axis, then scales it and, with a bias, shifts it. */
export function layerNorm(graph: Graph, x: Value, scale: Value, bias: Value | null, epsilon: number): Value {
  const statistics = { type: "float32", dims: [...x.dims.slice(0, -1), 1] } as const;
  const inputs = bias ? [x, scale, bias] : [x, scale];
  return graph.nodeWithOutputs("LayerNormalization", inputs, { axis: -1, epsilon }, [
    { type: "float32", dims: x.dims },
    statistics,
    statistics,
  ])[0] as Value;
}

export function reduceSum(graph: Graph, x: Value, axes: readonly number[], keepdims = true): Value {
  return reduction(graph, "ReduceSum", x, axes, keepdims);
}

export function reduceMean(graph: Graph, x: Value, axes: readonly number[], keepdims = true): Value {
  return reduction(graph, "ReduceMean", x, axes, keepdims);
}

export function transpose(graph: Graph, x: Value, perm: readonly number[]): Value {
  const dims = perm.map((axis) => x.dims[axis] as string | number);
  return graph.node("Transpose", [x], { perm: [...perm] }, x.type, dims);
}

/** The same elements with other axes; at most one symbol of `dims` may be absent from the graph's inputs. */
export function reshape(graph: Graph, x: Value, dims: Dims): Value {
  const symbols = dims.filter((dim): dim is string => typeof dim === "string");
  const inferred = symbols.find((symbol) => symbols.length === 1 || graph.dimension(symbol) === null) ?? symbols[0];
  const sizes = dims.map((dim) => (dim === inferred ? -1 : dim));
  return graph.node("Reshape", [x, sizesOf(graph, sizes)], {}, x.type, dims);
}

/** Rows of `table` by index: a table [rows, ...] with indices [...i] gives [...i, ...]. */
export function gather(graph: Graph, table: Value, indices: Value): Value {
  const dims = [...indices.dims, ...table.dims.slice(1)];
  return graph.node("Gather", [table, indices], { axis: 0 }, table.type, dims);
}

/** Joins values that differ in the size of `axis` alone. Each must have that size. */
export function concat(graph: Graph, parts: readonly Value[], axis: number): Value {
  const dims = [...parts[0]!.dims];
  const place = axis < 0 ? axis + dims.length : axis;
  dims[place] = parts.reduce((sum, part) => sum + sizeOf(part, place), 0);
  return graph.node("Concat", parts, { axis: place }, parts[0]!.type, dims);
}

/** Cuts `axis` into consecutive parts of these sizes. */
export function split(graph: Graph, x: Value, sizes: readonly number[], axis: number): Value[] {
  const place = axis < 0 ? axis + x.dims.length : axis;
  if (sizes.reduce((sum, size) => sum + size, 0) !== sizeOf(x, place)) {
    throw shapeError(`an axis of ${x.dims[place]} does not split into ${sizes.join(" + ")}`);
  }
  const shapes = sizes.map((size) => ({ type: x.type, dims: x.dims.with(place, size) }));
  return graph.nodeWithOutputs("Split", [x, graph.integers(sizes)], { axis: place }, shapes);
}

/** Elements `start` to before `end` of an axis with a size. */
export function slice(graph: Graph, x: Value, axis: number, start: number, end: number): Value {
  const place = axis < 0 ? axis + x.dims.length : axis;
  const dims = x.dims.with(place, slicedDim(sizeOf(x, place), start, end));
  return graph.node("Slice", [x, ...[start, end, place].map((n) => graph.integers([n]))], {}, x.type, dims);
}

/** `x` repeated to the shape of `like`. */
export function expandLike(graph: Graph, x: Value, like: Value): Value {
  const shape = graph.node("Shape", [like], {}, "int64", [like.dims.length]);
  return graph.node("Expand", [x, shape], {}, x.type, like.dims);
}

export function cast(graph: Graph, x: Value, type: ElementType): Value {
  const codes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 };
  return graph.node("Cast", [x], { to: codes[type] }, type, x.dims);
}

/** Integers 0, 1, ...; the length is a symbol. */
export function countTo(graph: Graph, length: string): Value {
  const size = graph.dimension(length);
  if (!size) throw shapeError(`no input has an axis called ${length}`);
  const [zero, one] = [0, 1].map((n) => squeeze(graph, graph.integers([n])));
  return graph.node("Range", [zero as Value, squeeze(graph, size), one as Value], {}, "int64", [length]);
}

/** Indicator vectors [..., depth] of int64 indices [...]. */
export function oneHot(graph: Graph, indices: Value, depth: number | Value, depthDim: number | string): Value {
  const size = typeof depth === "number" ? graph.integers([depth]) : depth;
  const values = graph.initializer(`off_on_${graph.nodes.length}`, {
    type: "float32",
    dims: [2],
    data: Float32Array.of(0, 1),
  });
  return graph.node("OneHot", [indices, size, values], { axis: -1 }, "float32", [...indices.dims, depthDim]);
}

function sizeOf({ dims }: Value, axis: number): number {
  const size = dims[axis];
  if (typeof size !== "number") throw shapeError(`axis ${axis} of ${show(dims)} has no size`);
  return size;
}

function squeeze(graph: Graph, x: Value): Value {
  return graph.node("Squeeze", [x], {}, x.type, []);
}

function sizesOf(graph: Graph, sizes: Dims): Value {
  if (sizes.every((size) => typeof size === "number")) return graph.integers(sizes as number[]);
  const parts = sizes.map((size) => (typeof size === "number" ? graph.integers([size]) : graph.dimension(size)));
  const missing = parts.indexOf(null);
  if (missing >= 0) throw shapeError(`reshape to ${show(sizes)}: no input has an axis called ${sizes[missing]}`);
  return graph.node("Concat", parts as Value[], { axis: 0 }, "int64", [sizes.length]);
}

function reduction(graph: Graph, op: OpType, x: Value, axes: readonly number[], keepdims: boolean): Value {
  const attributes = { keepdims: Number(keepdims) };
  return graph.node(op, [x, graph.integers(axes)], attributes, x.type, reduced(x.dims, axes, keepdims));
}

function binary(op: OpType) {
  return (graph: Graph, a: Value | number, b: Value | number): Value => {
    const left = typeof a === "number" ? graph.scalar(a) : a;
    const right = typeof b === "number" ? graph.scalar(b) : b;
    return graph.node(op, [left, right], {}, left.type, broadcast(left.dims, right.dims));
  };
}

function unary(op: OpType) {
  return (graph: Graph, x: Value): Value => graph.node(op, [x], {}, x.type, x.dims);
}
