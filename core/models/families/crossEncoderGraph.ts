import type { Graph, Value, WeightSource } from "../../onnx/graph.ts";
import { add } from "../../onnx/ops.ts";
import { apartLayout } from "../apart.ts";
import { buildHead, type HeadLayer } from "../headLayers.ts";
import type { LayerRange } from "../layerRange.ts";
import { matchTokens } from "../matching.ts";
import type { Pooling, TokenLayout } from "../tokenLayout.ts";

/** Applied to the output of every sub-layer, [tokens, hidden]. */
export type Dropout = (states: Value) => Value;

/**
 * A family's encoder, from token ids to the states after its last layer, float32 [tokens, hidden]. `layout` gives the
 * tokens' places. `layoutOf` overrides it for single layers. `range` selects a part of the layers.
 */
export type Encoder = (
  graph: Graph,
  weights: WeightSource,
  layout: TokenLayout,
  dropout?: Dropout,
  layoutOf?: (layer: number) => TokenLayout,
  range?: LayerRange,
) => Value;

export interface EncoderSizes {
  hidden: number;
  /** Most tokens of a text. */
  positions: number;
  /** Rows of the word embeddings. */
  vocabulary: number;
}

/** How a logit is computed from the states. */
export interface Head {
  /** Pooling of the states for the layers. */
  pooling: Pooling;
  /** From the pooled state to the logit. */
  layers: readonly HeadLayer[];
  /** Whether the match of question and passage tokens is added to the classifier's logit. */
  matching: boolean;
  /** Number of layers, from the first, that read question and passage as two texts. The others read them together. */
  apart: number;
}

export interface CrossEncoder {
  encoder: Encoder;
  /** Number of the encoder's layers. */
  layers: number;
  sizes: EncoderSizes;
  head: Head;
}

/**
 * Encoder, pooling and head, plus token matches if the head has them: float32 [batch, 1]. `lower` are the states after
 * the layers that read the texts apart, float32 [tokens, hidden]. Default: they are computed here.
 */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  { encoder, layers, sizes, head }: CrossEncoder,
  layout: TokenLayout,
  dropout: { states?: Dropout; pooled?: Dropout } = {},
  lower?: Value,
): Value {
  const { matching, apart } = head;
  const texts = apart > 0 && !lower ? apartLayout(graph, layout) : layout;
  const layoutOf = (layer: number) => (layer < apart ? texts : layout);
  const range = { first: lower ? apart : 0, end: layers, states: lower };
  const states = encoder(graph, weights, texts, dropout.states, layoutOf, range);
  const logits = buildHead(graph, weights, head.layers, layout.pool(states), dropout.pooled);
  return matching ? add(graph, logits, matchTokens(graph, weights, sizes.vocabulary, states, layout)) : logits;
}

/** The states after the layers that read the texts apart, float32 [tokens, hidden]. */
export function buildLowerLayers(
  graph: Graph,
  weights: WeightSource,
  { encoder, head }: CrossEncoder,
  layout: TokenLayout,
): Value {
  return encoder(graph, weights, apartLayout(graph, layout), undefined, undefined, { first: 0, end: head.apart });
}
