import type { Graph, Value, WeightSource } from "../onnx/graph.ts";
import { add, cast, div, gather, matmul, mul, reduceSum, reshape, softmax, sqrt, sub } from "../onnx/ops.ts";
import { PADDING_SCORE, type TokenLayout } from "./tokenLayout.ts";

/** The names of the matching part's trained weights. */
export const MATCHING_WEIGHTS = ["matching.scale", "matching.importance.weight"];
/** Counted over the docs, not learned: float32 [vocabulary, 1]. */
export const RARITY = "matching.rarity.weight";

/** Temperature of the softmax that selects the passage tokens for a question token. */
const TEMPERATURE = 0.05;
/** A cosine of 1 initially adds this to the logit, because matching.scale starts at 1. */
const UNIT = 20;

/**
 * Measures how well a passage covers a question, token by token, inside one cross-encoder pass. Each question token is
 * matched with the nearest passage tokens: a smooth maximum of cosines, after the MaxSim of ColBERT (Khattab and
 * Zaharia, 2020). The matches are averaged by the token's rarity in the docs and a learned importance. An embedder's
 * states rank passages well this way before any training, unlike a fresh classifier.
 *
 * logit = UNIT * scale * sum_i softmax_i(h_i u + r_i) * sum_j softmax_j(c_ij / T) c_ij, over tokens i of the question
 * (segment 0) and j of the passage (segment 1), c_ij the cosine of their states. float32 [batch, 1].
 */
export function matchTokens(
  graph: Graph,
  weights: WeightSource,
  vocabulary: number,
  states: Value,
  layout: TokenLayout,
): Value {
  const hidden = states.dims[1] as number;
  const length = layout.bias.dims.at(-1)!;
  const padding = reshape(graph, layout.bias, ["batch", 1, length]);
  const segments = reshape(graph, layout.rectangle(cast(graph, layout.segments, "float32")), ["batch", 1, length]);
  const onlyQuestion = add(graph, padding, mul(graph, segments, PADDING_SCORE));
  const onlyPassage = add(graph, padding, mul(graph, sub(graph, 1, segments), PADDING_SCORE));

  const rows = layout.rectangle(unitLength(graph, states));
  const cosines = matmul(graph, rows, rows, { transB: true });
  const nearest = softmax(graph, add(graph, mul(graph, cosines, 1 / TEMPERATURE), onlyPassage));
  const matches = reduceSum(graph, mul(graph, nearest, cosines), [2]);

  const importance = matmul(graph, states, weights("matching.importance.weight", [1, hidden]), { transB: true });
  const rarity = gather(graph, weights(RARITY, [vocabulary, 1]), layout.ids);
  const scores = reshape(graph, layout.rectangle(add(graph, importance, rarity)), ["batch", 1, length]);
  const shares = softmax(graph, add(graph, scores, onlyQuestion));
  const match = reshape(graph, matmul(graph, shares, matches), ["batch", 1]);
  return mul(graph, mul(graph, match, UNIT), weights("matching.scale", [1, 1]));
}

function unitLength(graph: Graph, states: Value): Value {
  const norm = sqrt(graph, add(graph, reduceSum(graph, mul(graph, states, states), [1]), 1e-12));
  return div(graph, states, norm);
}
