import type { Graph, GraphNode, Value } from "../../onnx/graph.ts";

/**
 * Takes a node and the gradient of the loss with respect to its first output. Returns, for each input, a function that
 * builds its gradient, or null if no gradient flows. Rules ignore broadcasting: the walk sums each gradient to its
 * input's shape.
 */
export type GradientRule = (graph: Graph, node: GraphNode, dY: Value) => readonly ((() => Value) | null)[];
