import type { BertConfig } from "../models/bertConfig.ts";
import {
  buildEncoder,
  type Dropout,
  type EncoderInputs,
  encoderInputs,
  linear,
  type WeightSource,
} from "../onnx/encoder.ts";
import type { Graph, Value } from "../onnx/graph.ts";
import { tanh } from "../onnx/ops.ts";
import { type Pooling, pool } from "../onnx/pooling.ts";

/** The names of the head's weights, as BertForSequenceClassification stores them. */
export const HEAD_WEIGHTS = ["pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"];

export interface CrossEncoderGraph {
  inputs: EncoderInputs;
  /** float32 [batch, 1]: how well each passage answers its question. */
  logits: Value;
}

/** Encoder, pooling, tanh layer and linear head: from token ids of question and passage to one logit a pair. */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  pooling: Pooling,
  dropout: { states?: Dropout; pooled?: (pooled: Value) => Value } = {},
): CrossEncoderGraph {
  const inputs = encoderInputs(graph);
  const states = buildEncoder(graph, weights, config, inputs, dropout.states);
  const pooled = tanh(
    graph,
    linear(graph, weights, "pooler.dense", pool(graph, states, inputs.mask, pooling), config.hidden),
  );
  const kept = dropout.pooled ? dropout.pooled(pooled) : pooled;
  return { inputs, logits: linear(graph, weights, "classifier", kept, 1) };
}
