import type { Graph, Value } from "../../../onnx/graph.ts";
import * as op from "../../../onnx/ops.ts";
import type { GradientCase } from "./gradientCase.ts";

const positive = [[0.5, 1, 1.5, 2, 2.5, 3]];
const sixth = Array.from({ length: 6 }, (_, i) => i / 2 - 1.25);

/** Operators that work element by element. */
export const ELEMENTWISE_CASES: GradientCase[] = [
  { op: "Abs", title: "both signs", inputs: [[3]], build: op.abs, values: [[-2, 0.5, 3]], expected: [2, 0.5, 3] },
  {
    op: "Add",
    title: "same shape",
    inputs: [[2], [2]],
    build: op.add,
    values: [
      [1, 2],
      [3, 5],
    ],
    expected: [4, 7],
  },
  { op: "Add", title: "a row to every row", inputs: [[3, 2], [2]], build: op.add },
  { op: "Add", title: "a scalar", inputs: [[3, 2], []], build: op.add },
  {
    op: "Sub",
    title: "columns from rows",
    inputs: [
      [3, 1],
      [1, 2],
    ],
    build: op.sub,
  },
  {
    op: "Sub",
    title: "same shape",
    inputs: [[2], [2]],
    build: op.sub,
    values: [
      [1, 2],
      [3, 5],
    ],
    expected: [-2, -3],
  },
  {
    op: "Mul",
    title: "same shape",
    inputs: [[2], [2]],
    build: op.mul,
    values: [
      [1, 2],
      [3, 5],
    ],
    expected: [3, 10],
  },
  {
    op: "Mul",
    title: "a column times a matrix",
    inputs: [
      [3, 1],
      [2, 3, 2],
    ],
    build: op.mul,
  },
  { op: "Mul", title: "a value with itself", inputs: [[4]], build: (g, x) => op.mul(g, x, x) },
  {
    op: "Div",
    title: "same shape",
    inputs: [[2], [2]],
    build: op.div,
    values: [
      [1, 6],
      [4, -2],
    ],
    expected: [0.25, -3],
  },
  { op: "Div", title: "by a row", inputs: [[2, 3], [3]], build: op.div, values: [sixth, [0.7, -1.2, 2]] },
  { op: "Exp", title: "both signs", inputs: [[2]], build: op.exp, values: [[0, -1]], expected: [1, Math.exp(-1)] },
  {
    op: "Log",
    title: "of positive numbers",
    inputs: [[6]],
    build: op.log,
    values: positive,
    expected: positive[0]!.map(Math.log),
  },
  {
    op: "Sqrt",
    title: "of positive numbers",
    inputs: [[6]],
    build: op.sqrt,
    values: positive,
    expected: positive[0]!.map(Math.sqrt),
  },
  { op: "Neg", title: "both signs", inputs: [[2]], build: op.neg, values: [[2, -3]], expected: [-2, 3] },
  { op: "Tanh", title: "both signs", inputs: [[6]], build: op.tanh, values: [sixth], expected: sixth.map(Math.tanh) },
  {
    op: "Relu",
    title: "both signs",
    inputs: [[4]],
    build: op.relu,
    values: [[-2, -0.5, 0.5, 2]],
    expected: [0, 0, 0.5, 2],
  },
  {
    op: "Gelu",
    title: "exact, both signs and the tails",
    inputs: [[5]],
    build: op.gelu,
    values: [[-4, -1, 0, 1, 4]],
    expected: [-0.00012668, -0.15865525, 0, 0.84134475, 3.99987332],
  },
  {
    op: "Identity",
    title: "passes through",
    inputs: [[2]],
    build: (g, x) => g.node("Identity", [x], {}, "float32", x.dims),
  },
  {
    op: "Expand",
    title: "a row repeated",
    inputs: [
      [1, 2],
      [3, 2],
    ],
    build: (g, x, like) => op.mul(g, op.expandLike(g, x, like), like),
  },
  {
    op: "Erf",
    title: "both signs",
    inputs: [[3]],
    build: op.erf,
    values: [[-1, 0, 0.5]],
    expected: [-0.8427008, 0, 0.5204999],
  },
  {
    op: "Pow",
    title: "a square, of both signs",
    inputs: [[3]],
    build: (graph, x) => op.pow(graph, x, graph.scalar(2)),
    values: [[-2, 0.5, 3]],
    expected: [4, 0.25, 9],
  },
  {
    op: "Pow",
    title: "a fractional power",
    inputs: [[6]],
    build: (graph, x) => op.pow(graph, x, graph.scalar(1.5)),
    values: positive,
  },
  {
    op: "Where",
    title: "a chosen row, from a matrix and a scalar",
    inputs: [[2, 2], []],
    build: (graph, a, b) => where(graph, [1, 0], a, b),
    values: [[1, 2, 3, 4], [9]],
    expected: [1, 9, 3, 9],
  },
];

function where(graph: Graph, chosen: number[], a: Value, b: Value): Value {
  const condition = graph.initializer("chosen", { type: "bool", dims: [chosen.length], data: Uint8Array.from(chosen) });
  return graph.node("Where", [condition, a, b], {}, "float32", a.dims);
}
