import type { Graph, Value, WeightSource } from "../../../onnx/graph.ts";
import { add } from "../../../onnx/ops.ts";
import { apartLayout } from "../../apart.ts";
import { buildHead, type HeadLayer } from "../../headLayers.ts";
import { matchTokens } from "../../matching.ts";
import type { Pooling, TokenLayout } from "../../tokenLayout.ts";
import type { ModernBertConfig } from "./config.ts";
import { buildEncoder, type Dropout } from "./encoder.ts";

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

/** Encoder, pooling and head, plus token matches if the head has them: float32 [batch, 1]. */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  config: ModernBertConfig,
  layout: TokenLayout,
  { layers, matching, apart }: Head,
  dropout: { states?: Dropout; pooled?: Dropout } = {},
): Value {
  const texts = apart > 0 ? apartLayout(graph, layout) : layout;
  const layoutOf = (layer: number) => (layer < apart ? texts : layout);
  const states = buildEncoder(graph, weights, config, layout, dropout.states, layoutOf);
  const logits = buildHead(graph, weights, layers, layout.pool(states), dropout.pooled);
  return matching ? add(graph, logits, matchTokens(graph, weights, config.vocabulary, states, layout)) : logits;
}
