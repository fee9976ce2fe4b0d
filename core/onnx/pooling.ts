import type { Graph, Value } from "./graph.ts";
import { cast, div, matmul, oneHot, reduceSum, reshape } from "./ops.ts";

export type Pooling = "mean" | "cls";

/** One vector a sequence, [batch, hidden], from states [batch, length, hidden]: the mean over tokens, or [CLS]. */
export function pool(graph: Graph, states: Value, mask: Value, pooling: Pooling): Value {
  const hidden = states.dims[2] as number;
  // Both are a product with weights over the tokens, [batch or 1, 1, length].
  const weights = pooling === "mean" ? meanWeights(graph, mask) : firstToken(graph);
  return reshape(graph, matmul(graph, weights, states), ["batch", hidden]);
}

function meanWeights(graph: Graph, mask: Value): Value {
  const tokens = cast(graph, mask, "float32");
  return reshape(graph, div(graph, tokens, reduceSum(graph, tokens, [1])), ["batch", 1, "length"]);
}

function firstToken(graph: Graph): Value {
  // Indicators of 0 among `length` places, one row: the identity's first row.
  const zero = graph.integers([0]);
  const length = graph.dimension("length");
  if (!length) throw new Error(`${graph.name} has no axis called length`);
  return reshape(graph, oneHot(graph, zero, length, "length"), [1, 1, "length"]);
}
