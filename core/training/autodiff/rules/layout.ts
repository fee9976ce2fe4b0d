import type { Value } from "../../../onnx/graph.ts";
import { expandLike, gather, reshape, transpose } from "../../../onnx/ops.ts";
import type { GradientRule } from "../rule.ts";

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
