import type { Graph, GraphNode, Value } from "../../../onnx/graph.ts";
import { concat, expandLike, gather, reshape, slice, transpose } from "../../../onnx/ops.ts";
import { shapeError, show } from "../../../onnx/shapes.ts";
import type { GradientRule } from "../rule.ts";

// Y = X1, X2, ... joined along an axis: dXi is the part of dY at Xi's place
export const concatRule: GradientRule = (graph, node, dY) => {
  const axis = node.attributes.axis as number;
  let end = 0;
  return node.inputs.map(({ dims }) => {
    const start = end;
    end += dims[axis] as number;
    const part = [start, end] as const;
    return () => slice(graph, dY, axis, ...part);
  });
};

// Y1, Y2, ... = X cut along an axis: dX joins all dYi, and zeros where none flows
export const splitRule: GradientRule = (graph, node, _, dYs) => [
  () => {
    const parts = dYs.map((dY, i) => dY ?? expandLike(graph, graph.scalar(0), node.outputs[i]!));
    return concat(graph, parts, node.attributes.axis as number);
  },
  null,
];

// dX = dY; the walk sums it to X's shape
export const expandRule: GradientRule = (_, __, dY) => [() => dY, null];

/**
 * Y = Table[Indices], so dTable adds up the rows of dY at their indices. ScatterElements adds them one after the other
 * in a fixed order, so equal runs give equal bits. If the graph knows the inverse of the indices, no two rows share an
 * index and dTable = dY[inverse].
 */
export const gatherRule: GradientRule = (graph, node, dY) => {
  const [table, indices] = node.inputs as [Value, Value];
  const width = table.dims.slice(1);
  return [
    () => {
      const inverse = graph.inverseOf(indices);
      if (inverse) return reshape(graph, gather(graph, reshape(graph, dY, ["rows", ...width]), inverse), table.dims);
      const rows = reshape(graph, dY, ["rows", ...width]);
      const column = reshape(graph, indices, ["rows", ...width.map(() => 1)]);
      const shape = graph.node("Shape", [rows], {}, "int64", [rows.dims.length]);
      const targets = graph.node("Expand", [column, shape], {}, "int64", rows.dims);
      const zeros = expandLike(graph, graph.scalar(0), table);
      const attributes = { axis: 0, reduction: "add" };
      return graph.node("ScatterElements", [zeros, targets, rows], attributes, "float32", table.dims);
    },
    null,
  ];
};

// dX = dY in X's shape
export const reshapeRule: GradientRule = (graph, node, dY) => [() => reshape(graph, dY, node.inputs[0]!.dims), null];

// dX = dY, transposed by the inverse permutation
export const transposeRule: GradientRule = (graph, node, dY) => {
  const perm = node.attributes.perm as number[];
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [() => transpose(graph, dY, inverse)];
};

// Y = X[start:end] on some axes: dX = dY between zeros, `start` before it and the rest of X's axis after it
export const sliceRule: GradientRule = (graph, node, dY) => [
  () => {
    const x = node.inputs[0]!;
    const shapeOf = (value: Value) => graph.node("Shape", [value], {}, "int64", [x.dims.length]);
    const before = graph.integers(startsOf(graph, node));
    const left = graph.node("Sub", [shapeOf(x), shapeOf(dY)], {}, "int64", [x.dims.length]);
    const after = graph.node("Sub", [left, before], {}, "int64", [x.dims.length]);
    const pads = graph.node("Concat", [before, after], { axis: 0 }, "int64", [2 * x.dims.length]);
    return graph.node("Pad", [dY, pads], {}, "float32", x.dims);
  },
  ...node.inputs.slice(1).map(() => null),
];

/** The first element that a slice keeps, for each axis of its input. */
function startsOf(graph: Graph, { inputs }: GraphNode): number[] {
  const [x, start, , axis] = inputs as [Value, Value, Value, Value | undefined];
  const [starts, axes] = [graph.integersOf(start), axis ? graph.integersOf(axis) : x.dims.map((_, i) => i)];
  const all = x.dims.map(() => 0);
  starts?.forEach((value, i) => {
    const place = axes ? (axes[i]! + x.dims.length) % x.dims.length : Number.NaN;
    const size = x.dims[place];
    all[place] = typeof size === "number" ? Math.min(size, value < 0 ? Math.max(0, value + size) : value) : value;
  });
  if (starts && axes && all.every((value) => value >= 0)) return all;
  throw shapeError(`a slice of ${show(x.dims)} whose start is not known before the graph runs`);
}
