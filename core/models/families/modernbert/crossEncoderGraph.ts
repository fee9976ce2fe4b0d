import type { Graph, Value, WeightSource } from "../../../onnx/graph.ts";
import { add } from "../../../onnx/ops.ts";
import { apartLayout } from "../../apart.ts";
import { buildHead, type HeadLayer } from "../../headLayers.ts";
import { matchTokens } from "../../matching.ts";
import type { Pooling, TokenLayout } from "../../tokenLayout.ts";
import type { CrossEncoderDropout } from "../packedNetwork.ts";
import type { ModernBertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";

/** How a logit is computed from the states. */
export interface Head {
  pooling: Pooling;
  /** From the pooled state to the logit. */
  layers: readonly HeadLayer[];
  /** Whether the match of question and passage tokens is added. */
  matching: boolean;
  /** Number of layers, from the first, that read question and passage as two texts. */
  apart: number;
}

/**
 * Encoder, pooling and head, plus token matches if the head has them: float32 [batch, 1]. `lower` are the states after
 * the layers that read the texts apart, float32 [tokens, hidden]. Default: they are computed here.
 */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  config: ModernBertConfig,
  layout: TokenLayout,
  { layers, matching, apart }: Head,
  dropout: CrossEncoderDropout = {},
  lower?: Value,
): Value {
  const texts = apart > 0 && !lower ? apartLayout(graph, layout) : layout;
  const layoutOf = (layer: number) => (layer < apart ? texts : layout);
  const range = { first: lower ? apart : 0, end: config.layers.length, states: lower };
  const states = buildEncoder(graph, weights, config, layout, dropout.states, layoutOf, range);
  const logits = buildHead(graph, weights, layers, layout.pool(states), dropout.pooled);
  return matching ? add(graph, logits, matchTokens(graph, weights, config.vocabulary, states, layout)) : logits;
}

/** The states after the layers that read the texts apart, float32 [tokens, hidden]. */
export function buildLowerLayers(
  graph: Graph,
  weights: WeightSource,
  config: ModernBertConfig,
  layout: TokenLayout,
  { apart }: Head,
): Value {
  const range = { first: 0, end: apart };
  return buildEncoder(graph, weights, config, apartLayout(graph, layout), undefined, undefined, range);
}
