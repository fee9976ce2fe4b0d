import type { Graph, Value } from "../onnx/graph.ts";
import { cast, min } from "../onnx/ops.ts";

/**
 * Question (0) and passage (1) of a pair by its separators, for models that have no segments: the passage's side starts
 * after the first separator. int64, same shape as `ids` [batch, length].
 */
export function sidesOfGraph(graph: Graph, ids: Value, separator: number): Value {
  const found = graph.node("Equal", [ids, graph.integers([separator])], {}, "bool", ids.dims);
  const indicator = cast(graph, found, "float32");
  const before = graph.node("CumSum", [indicator, graph.integers([1])], { exclusive: 1 }, "float32", ids.dims);
  return cast(graph, min(graph, 1, before), "int64");
}

/** The same for the ids of one pair. */
export function sidesOf(ids: readonly number[], separator: number): number[] {
  const first = ids.indexOf(separator);
  return ids.map((_, place) => Number(first >= 0 && place > first));
}
