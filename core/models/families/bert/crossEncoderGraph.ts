import type { Graph, Value, WeightSource } from "../../../onnx/graph.ts";
import { add } from "../../../onnx/ops.ts";
import { apartLayout } from "../../apart.ts";
import { buildHead, type HeadLayer } from "../../headLayers.ts";
import { matchTokens } from "../../matching.ts";
import type { Pooling, TokenLayout } from "../../tokenLayout.ts";
import type { CrossEncoderDropout } from "../packedNetwork.ts";
import type { BertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";

/** How a logit is computed from the states. */
export interface Head {
  /** Pooling of the states for the layers. */
  pooling: Pooling;
  /** From the pooled state to the logit; default: the two layers of a sequence classifier. */
  layers?: readonly HeadLayer[];
  /** Whether the match of question and passage tokens is added to the classifier's logit. */
  matching: boolean;
  /** Number of layers, from the first, that read question and passage as two texts. The others read them together. */
  apart: number;
}

/** The layers of a head, with the names of BertForSequenceClassification unless they are modules of their own. */
export function layersOf({ layers }: Head, { hidden, of }: BertConfig): readonly HeadLayer[] {
  const dense = { kind: "dense", bias: true } as const;
  return (
    layers ?? [
      { ...dense, name: "pooler.dense", outputs: hidden, activation: of.headActivation },
      { ...dense, name: "classifier", outputs: 1, activation: "identity" },
    ]
  );
}

/**
 * Encoder, pooling and head, plus token matches if the head has them: float32 [batch, 1]. `lower` are the states after
 * the layers that read the texts apart, float32 [tokens, hidden]. Default: they are computed here.
 */
export function buildCrossEncoder(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  layout: TokenLayout,
  head: Head,
  dropout: CrossEncoderDropout = {},
  lower?: Value,
): Value {
  const { matching, apart } = head;
  const texts = apart > 0 && !lower ? apartLayout(graph, layout) : layout;
  const layoutOf = (layer: number) => (layer < apart ? texts : layout);
  const range = { first: lower ? apart : 0, end: config.layers, states: lower };
  const states = buildEncoder(graph, weights, config, texts, dropout.states, layoutOf, range);
  const logits = buildHead(graph, weights, layersOf(head, config), layout.pool(states), dropout.pooled);
  return matching ? add(graph, logits, matchTokens(graph, weights, config.vocabulary, states, layout)) : logits;
}

/** The states after the layers that read the texts apart, float32 [tokens, hidden]. */
export function buildLowerLayers(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  layout: TokenLayout,
  { apart }: Head,
): Value {
  const range = { first: 0, end: apart };
  return buildEncoder(graph, weights, config, apartLayout(graph, layout), undefined, undefined, range);
}
