import type { Graph, Value } from "../onnx/graph.ts";
import { abs, add, exp, log, logSoftmax, matmul, mul, neg, reduceMean, reduceSum, relu, sub } from "../onnx/ops.ts";

export const LOSSES = ["listwise", "binary", "marginMse"] as const;
export type LossName = (typeof LOSSES)[number];

/** From logits and targets, both [1, passages] of one question, to a scalar. */
export type Loss = (graph: Graph, logits: Value, targets: Value) => Value;

/**
 * Listwise softmax cross-entropy: -sum(t * log softmax(s)). With one-hot targets it is the hard loss, with a softmax
 * of the retriever's scores it is distillation; being linear in t, a mix of targets is the same mix of losses.
 */
export const listwise: Loss = (graph, logits, targets) =>
  neg(graph, reduceSum(graph, mul(graph, targets, logSoftmax(graph, logits)), [0, 1], false));

/** Binary cross-entropy that cannot overflow: mean of max(s, 0) - s t + log(1 + exp(-|s|)). */
export const binary: Loss = (graph, logits, targets) => {
  const linear = sub(graph, relu(graph, logits), mul(graph, logits, targets));
  const rest = log(graph, add(graph, 1, exp(graph, neg(graph, abs(graph, logits)))));
  return reduceMean(graph, add(graph, linear, rest), [0, 1], false);
};

/**
 * MarginMSE (Hofstaetter et al., 2020): the mean squared difference between the student's and the teacher's margin of
 * the positive, which is column 0, over every passage.
 */
export const marginMse: Loss = (graph, logits, targets) => {
  const error = sub(graph, logits, targets);
  const difference = sub(graph, matmul(graph, error, firstColumn(graph, error)), error);
  return reduceMean(graph, mul(graph, difference, difference), [0, 1], false);
};

export const LOSS_FUNCTIONS: Record<LossName, Loss> = { listwise, binary, marginMse };

/** A column [passages, 1] that picks the first of a row, as a product so that the gradient is one. */
function firstColumn(graph: Graph, row: Value): Value {
  const [, passages] = row.dims;
  const length = typeof passages === "number" ? graph.integers([passages]) : graph.dimension(passages!)!;
  const indicator = graph.initializer("first_on_off", { type: "float32", dims: [2], data: Float32Array.of(0, 1) });
  const picked = graph.node("OneHot", [graph.integers([0]), length, indicator], { axis: 0 }, "float32", [passages!, 1]);
  return picked;
}
