import type { Graph, GraphNode, Value } from "../../onnx/graph.ts";

/**
 * Takes a node and the gradient of the loss with respect to each of its outputs: `dY` of the first, `dYs` of all, null
 * where none flows. Returns, for each input, a function that builds its gradient, or null if no gradient flows. Rules
 * ignore broadcasting: the walk sums each gradient to its input's shape.
 */
export type GradientRule = (
  graph: Graph,
  node: GraphNode,
  dY: Value,
  dYs: readonly (Value | null)[],
) => readonly ((() => Value) | null)[];
