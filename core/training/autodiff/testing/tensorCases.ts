import type { Value } from "../../../onnx/graph.ts";
import * as op from "../../../onnx/ops.ts";
import type { GradientCase } from "./gradientCase.ts";

const sixth = Array.from({ length: 6 }, (_, i) => i / 2 - 1.25);

/** Products, normalisations, reductions, and operators that move elements. */
export const TENSOR_CASES: GradientCase[] = [
  {
    op: "FusedMatMul",
    title: "plain",
    inputs: [
      [1, 2],
      [2, 2],
    ],
    build: (g, a, b) => op.matmul(g, a, b, { alpha: 2 }),
    values: [
      [1, 2],
      [3, 4, 5, 6],
    ],
    expected: [26, 32],
  },
  {
    op: "FusedMatMul",
    title: "A transposed",
    inputs: [
      [2, 4, 3],
      [2, 4, 2],
    ],
    build: (g, a, b) => op.matmul(g, a, b, { transA: true }),
  },
  {
    op: "FusedMatMul",
    title: "B transposed",
    inputs: [
      [2, 3, 4],
      [2, 2, 4],
    ],
    build: (g, a, b) => op.matmul(g, a, b, { transB: true, alpha: 0.5 }),
  },
  {
    op: "FusedMatMul",
    title: "both transposed",
    inputs: [
      [2, 4, 3],
      [2, 2, 4],
    ],
    build: (g, a, b) => op.matmul(g, a, b, { transA: true, transB: true }),
  },
  {
    op: "FusedMatMul",
    title: "one B for a batch of A",
    inputs: [
      [2, 3, 4],
      [4, 2],
    ],
    build: (g, a, b) => op.matmul(g, a, b),
  },
  {
    op: "Gemm",
    title: "with bias",
    inputs: [[1, 2], [2, 2], [2]],
    build: (g, a, b, c) => op.gemm(g, a, b, c),
    values: [
      [1, 2],
      [3, 4, 5, 6],
      [0.5, -1],
    ],
    expected: [13.5, 15],
  },
  {
    op: "Gemm",
    title: "weights stored [outputs, inputs]",
    inputs: [[3, 4], [2, 4], [2]],
    build: (g, a, b, c) => op.gemm(g, a, b, c, { transB: true }),
  },
  {
    op: "Gemm",
    title: "A transposed, no bias",
    inputs: [
      [4, 3],
      [4, 2],
    ],
    build: (g, a, b) => op.gemm(g, a, b, null, { transA: true, alpha: 3 }),
  },
  {
    op: "Gemm",
    title: "both transposed",
    inputs: [
      [4, 3],
      [2, 4],
    ],
    build: (g, a, b) => op.gemm(g, a, b, null, { transA: true, transB: true }),
  },
  {
    op: "Gather",
    title: "a row gathered twice",
    inputs: [[4, 2]],
    build: (g, table) => op.gather(g, table, g.integers([2, 0, 2])),
    values: [[1, 2, 3, 4, 5, 6, 7, 8]],
    expected: [5, 6, 1, 2, 5, 6],
  },
  {
    op: "LayerNormalization",
    title: "of two rows",
    inputs: [[2, 3], [3], [3]],
    build: (g, x, scale, bias) => op.layerNorm(g, x, scale, bias, 1e-6),
    values: [
      [1, 2, 3, 2, 2, 5],
      [1, 2, 1],
      [0, 0, 1],
    ],
    expected: [-1.2247, 0, 2.2247, -Math.SQRT1_2, -Math.SQRT2, 1 + Math.SQRT2],
  },
  {
    op: "LayerNormalization",
    title: "of a batch",
    inputs: [[2, 2, 4], [4], [4]],
    build: (g, x, s, b) => op.layerNorm(g, x, s, b, 1e-6),
  },
  {
    op: "Softmax",
    title: "over the last axis",
    inputs: [[2, 2]],
    build: op.softmax,
    values: [[0, 0, 0, Math.log(3)]],
    expected: [0.5, 0.5, 0.25, 0.75],
  },
  { op: "LogSoftmax", title: "over the last axis", inputs: [[2, 3]], build: op.logSoftmax },
  {
    op: "LogSoftmax",
    title: "of scores far apart",
    inputs: [[2]],
    build: op.logSoftmax,
    values: [[100, 0]],
    expected: [0, -100],
  },
  {
    op: "ReduceSum",
    title: "keeping the axis",
    inputs: [[2, 3]],
    build: (g, x) => op.reduceSum(g, x, [1]),
    values: [sixth],
    expected: [-2.25, 2.25],
  },
  {
    op: "ReduceSum",
    title: "dropping two axes",
    inputs: [[2, 3, 2]],
    build: (g, x) => op.reduceSum(g, x, [0, 2], false),
  },
  {
    op: "ReduceMean",
    title: "dropping the axis",
    inputs: [[2, 3]],
    build: (g, x) => op.reduceMean(g, x, [-1], false),
    values: [sixth],
    expected: [-0.75, 0.75],
  },
  {
    op: "Reshape",
    title: "to other axes",
    inputs: [[2, 3]],
    build: (g, x) => op.reshape(g, x, [3, 2]),
    values: [sixth],
    expected: sixth,
  },
  {
    op: "Transpose",
    title: "of three axes",
    inputs: [[2, 3, 1]],
    build: (g, x) => op.transpose(g, x, [1, 2, 0]),
    values: [[1, 2, 3, 4, 5, 6]],
    expected: [1, 4, 2, 5, 3, 6],
  },
  {
    op: "Concat",
    title: "along the last axis, a part used twice",
    inputs: [
      [2, 1],
      [2, 2],
    ],
    build: (g, a, b) => op.concat(g, [a, b, a], -1),
    values: [
      [1, 2],
      [3, 4, 5, 6],
    ],
    expected: [1, 3, 4, 1, 2, 5, 6, 2],
  },
  {
    op: "Concat",
    title: "along the first axis",
    inputs: [
      [1, 2],
      [3, 2],
    ],
    build: (g, a, b) => op.concat(g, [a, b], 0),
  },
  {
    op: "Slice",
    title: "of the last axis",
    inputs: [[2, 3]],
    build: (g, x) => op.slice(g, x, -1, 1, 3),
    values: [sixth],
    expected: [-0.75, -0.25, 0.75, 1.25],
  },
  {
    op: "Slice",
    title: "of the middle axis, overlapping another",
    inputs: [[2, 4, 2]],
    build: (g, x) => op.mul(g, op.slice(g, x, 1, 0, 3), op.slice(g, x, 1, 1, 4)),
  },
  {
    op: "Slice",
    title: "with an end past the axis and a negative start",
    inputs: [[3, 2]],
    build: (g, x) => op.slice(g, x, 0, -2, 9),
    values: [sixth],
    expected: sixth.slice(2),
  },
  {
    op: "Split",
    title: "the parts swapped",
    inputs: [[2, 3]],
    build: (g, x) => op.concat(g, op.split(g, x, [1, 2], -1).reverse(), -1),
    values: [sixth],
    expected: [-0.75, -0.25, -1.25, 0.75, 1.25, 0.25],
  },
  {
    op: "Split",
    title: "only the last part used",
    inputs: [[2, 4]],
    build: (g, x) => op.split(g, x, [1, 1, 2], 1)[2]!,
  },
  {
    op: "Split",
    title: "a gate of halves, as in GeGLU",
    inputs: [[3, 4]],
    build(g, x) {
      const [value, gate] = op.split(g, x, [2, 2], -1) as [Value, Value];
      return op.mul(g, op.gelu(g, value), gate);
    },
  },
];
