import type { BertConfig } from "../models/bertConfig.ts";
import { buildEncoder, type Dropout, linear, type WeightSource } from "../onnx/encoder.ts";
import type { Graph, Value } from "../onnx/graph.ts";
import { tanh } from "../onnx/ops.ts";
import type { TokenLayout } from "../onnx/tokenLayout.ts";

/** The names of the head's weights, as BertForSequenceClassification stores them. */
export const HEAD_WEIGHTS = ["pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"];

/** Encoder, pooling, tanh layer and linear head: one logit a pair, float32 [batch, 1]. */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  layout: TokenLayout,
  dropout: { states?: Dropout; pooled?: Dropout } = {},
): Value {
  const pooled = layout.pool(buildEncoder(graph, weights, config, layout, dropout.states));
  const features = tanh(graph, linear(graph, weights, "pooler.dense", pooled, config.hidden));
  return linear(graph, weights, "classifier", dropout.pooled ? dropout.pooled(features) : features, 1);
}
