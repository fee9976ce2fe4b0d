import type { Graph, Value } from "../onnx/graph.ts";
import { div, mul, reduceSum, sqrt } from "../onnx/ops.ts";

/** Vectors [batch, dim] at unit length. */
export function normalised(graph: Graph, vectors: Value): Value {
  return div(graph, vectors, sqrt(graph, reduceSum(graph, mul(graph, vectors, vectors), [1])));
}
