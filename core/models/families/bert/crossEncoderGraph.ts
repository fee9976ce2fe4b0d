import type { Graph, Value, WeightSource } from "../../../onnx/graph.ts";
import { add, relu, tanh } from "../../../onnx/ops.ts";
import { apartLayout } from "../../apart.ts";
import { MATCHING_WEIGHTS, matchTokens } from "../../matching.ts";
import type { Pooling, TokenLayout } from "../../tokenLayout.ts";
import type { BertConfig } from "./config.ts";
import { buildEncoder, type Dropout, linear } from "./encoder.ts";

/** How a logit is computed from the states. */
export interface Head {
  /** Pooling of the states for the classifier. */
  pooling: Pooling;
  /** Whether the match of question and passage tokens is added to the classifier's logit. */
  matching: boolean;
  /** Number of layers, from the first, that read question and passage as two texts. The others read them together. */
  apart: number;
}

/** The names of the classifier's weights, as BertForSequenceClassification stores them. */
export const CLASSIFIER_WEIGHTS = ["pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"];

/** The names of all weights outside the encoder. */
export const HEAD_WEIGHTS = [...CLASSIFIER_WEIGHTS, ...MATCHING_WEIGHTS];

const ACTIVATIONS = { tanh, relu };

/** Encoder, pooling, a layer with the architecture's activation and a linear layer, plus token matches if the head has them: float32 [batch, 1]. */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  layout: TokenLayout,
  { matching, apart }: Omit<Head, "pooling">,
  dropout: { states?: Dropout; pooled?: Dropout } = {},
): Value {
  const texts = apart > 0 ? apartLayout(graph, layout) : layout;
  const layoutOf = (layer: number) => (layer < apart ? texts : layout);
  const states = buildEncoder(graph, weights, config, texts, dropout.states, layoutOf);
  const activation = ACTIVATIONS[config.of.headActivation];
  const features = activation(graph, linear(graph, weights, "pooler.dense", layout.pool(states), config.hidden));
  const pooled = dropout.pooled ? dropout.pooled(features) : features;
  const logits = linear(graph, weights, "classifier", pooled, 1);
  return matching ? add(graph, logits, matchTokens(graph, weights, config.vocabulary, states, layout)) : logits;
}
