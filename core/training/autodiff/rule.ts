import type { Graph, GraphNode, Value } from "../../onnx/graph.ts";

/**
 * Given a node and the gradient of the loss by its first output, says for each input how to build the gradient by
 * that input, or null where none flows. Broadcasting is ignored: the walk sums each gradient to its input's shape.
 */
export type GradientRule = (graph: Graph, node: GraphNode, dY: Value) => readonly ((() => Value) | null)[];
