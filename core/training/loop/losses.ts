import type { Graph, Value } from "../../onnx/graph.ts";
import { add, cast, div, logSoftmax, matmul, mul, neg, reduceMean, reduceSum, reshape, sub } from "../../onnx/ops.ts";

export const LOSSES = ["listwise", "binary", "marginMse", "graded"] as const;
export type LossName = (typeof LOSSES)[number];

/** Builds a scalar from logits and targets, both [1, passages] of one question. */
export type Loss = (graph: Graph, logits: Value, targets: Value) => Value;

/**
 * Listwise softmax cross-entropy: -sum(t * log softmax(s)). One-hot targets give the hard loss; a softmax of the
 * retriever's scores gives distillation. The loss is linear in t, so a mix of targets is the same mix of losses.
 */
export const listwise: Loss = (graph, logits, targets) =>
  neg(graph, reduceSum(graph, mul(graph, targets, logSoftmax(graph, logits)), [0, 1], false));

/**
 * Binary cross-entropy as the cross-entropy of a softmax over the logits s and 0, mean over passages:
 * -(t log softmax(s, 0)[0] + (1 - t) log softmax(s, 0)[1]).
 * It cannot overflow. Unlike max(s, 0) - s t + log(1 + exp(-|s|)) it has its true gradient, 1/2 - t, at s = 0, where a
 * fresh head begins.
 */
export const binary: Loss = (graph, logits, targets) => {
  const row = (name: string, data: number[]) =>
    graph.initializer(name, { type: "float32", dims: [1, 2], data: Float32Array.from(data) });
  const column = (x: Value) => reshape(graph, x, [x.dims[1]!, 1]);
  const scores = matmul(graph, column(logits), row("logit_and_zero", [1, 0]));
  const wrong = row("one_of_wrong", [0, 1]);
  const classes = add(graph, matmul(graph, column(targets), row("right_less_wrong", [1, -1])), wrong);
  const likelihood = reduceSum(graph, mul(graph, classes, logSoftmax(graph, scores)), [1], false);
  return neg(graph, reduceMean(graph, likelihood, [0], false));
};

/**
 * MarginMSE (Hofstaetter et al., 2020): the mean squared difference between the student's and the teacher's margins of
 * the positive (column 0) over the negatives.
 */
export const marginMse: Loss = (graph, logits, targets) => {
  const error = sub(graph, logits, targets);
  const difference = sub(graph, matmul(graph, error, firstColumn(graph, error)), error);
  // The positive's own difference is 0 and does not enter the mean.
  const squares = reduceSum(graph, mul(graph, difference, difference), [0, 1], false);
  const passages = reshape(graph, cast(graph, lengthOf(graph, logits), "float32"), []);
  return div(graph, squares, sub(graph, passages, 1));
};

/** Weight of the binary part, whose mean over passages would be small beside the listwise sum. */
export const BINARY_WEIGHT = 4;
/**
 * Log odds of an answer for a unit of the untrained logit, by graded questions
 * (research/notebook/reranker.md#graded-questions).
 */
const STEEPNESS = 0.38;

/**
 * For targets that are each passage's own P(relevant), which need not add up to 1. The listwise part teaches the order,
 * the binary part the height, also where no passage answers.
 */
export const graded: Loss = (graph, logits, targets) => {
  const scores = mul(graph, logits, STEEPNESS);
  return add(graph, listwise(graph, scores, targets), mul(graph, binary(graph, scores, targets), BINARY_WEIGHT));
};

export const LOSS_FUNCTIONS: Record<LossName, Loss> = { listwise, binary, marginMse, graded };

/** A column [passages, 1] that selects the first element of a row, as a product so that it has a gradient. */
function firstColumn(graph: Graph, row: Value): Value {
  const indicator = graph.initializer("first_on_off", { type: "float32", dims: [2], data: Float32Array.of(0, 1) });
  const inputs = [graph.integers([0]), lengthOf(graph, row), indicator];
  return graph.node("OneHot", inputs, { axis: 0 }, "float32", [row.dims[1]!, 1]);
}

/** Number of passages in a row, int64 [1]. */
function lengthOf(graph: Graph, row: Value): Value {
  const [, passages] = row.dims;
  return typeof passages === "number" ? graph.integers([passages]) : graph.dimension(passages!)!;
}
