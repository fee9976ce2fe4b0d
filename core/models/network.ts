import { WinnowError } from "../base/errors.ts";
import type { WeightSource } from "../onnx/graph.ts";
import { Graph, type Value } from "../onnx/graph.ts";
import { gather, mul } from "../onnx/ops.ts";
import type { Tensor } from "../onnx/runtime.ts";
import type { ModelProto } from "../onnx/schema.ts";
import type { EncodedText } from "./batches.ts";
import type { BertConfig } from "./bertConfig.ts";
import { constantWeights } from "./bertWeights.ts";
import { buildCrossEncoder, HEAD_WEIGHTS, type Head } from "./crossEncoderGraph.ts";
import { RARITY } from "./matching.ts";
import { packedFeeds } from "./packedFeeds.ts";
import type { HostTensor } from "./safetensors.ts";
import { packedLayout, paddedLayout } from "./tokenLayout.ts";

/** How a cross-encoder computes its logits: all that training and export need to know of a kind of model. */
export interface Network {
  /**
   * Adds the forward pass of `feeds`' inputs to `graph`: logits, float32 [batch, 1]. Where `mask` is given, each call
   * of it is one dropout mask [batch, maskWidth].
   */
  forward(graph: Graph, weights: WeightSource, mask?: () => Value): Value;
  /** The inputs of `forward` for a batch of encoded pairs. */
  feeds(rows: readonly EncodedText[]): Record<string, Tensor>;
  /** Units a dropout mask covers; 0: the network has no place for dropout. */
  readonly maskWidth: number;
  /** Which weights stay as they are. Throws BadInput when there are not so many layers. */
  frozen(layers: number): (name: string) => boolean;
  /** Whether a weight is of a head that started from nothing and learns at its own rate. */
  isHead(name: string): boolean;
  /** Rows of the word embeddings. */
  readonly vocabulary: number;
  /** Most tokens of a pair. */
  readonly positions: number;
  /** Tells networks apart that have the same weights. */
  readonly fingerprint: string;
  /** The model to serve: input_ids, attention_mask and what else it takes, int64 [batch, length], to logits. */
  toModel(weights: Map<string, HostTensor>): ModelProto;
  /** What the exported folder's `config.json` says; null: the base has none. */
  config(baseName: string): Record<string, unknown> | null;
}

/** The BERT that Winnow builds itself, from `config.json`. @param freshHead whether its head starts from nothing. */
export function bertNetwork(config: BertConfig, { pooling, matching, apart }: Head, freshHead: boolean): Network {
  const parts = { matching, apart };
  return {
    forward(graph, weights, mask) {
      const layout = packedLayout(graph);
      const dropout = mask && {
        states: (states: Value) => mul(graph, states, gather(graph, mask(), layout.sequenceOfToken)),
        pooled: (pooled: Value) => mul(graph, pooled, mask()),
      };
      return buildCrossEncoder(graph, weights, config, layout, parts, dropout);
    },
    feeds: (rows) => packedFeeds(rows, pooling),
    maskWidth: config.hidden,
    frozen: (layers) => frozenWeights(layers, config.layers),
    isHead: (name) => freshHead && HEAD_WEIGHTS.includes(name),
    vocabulary: config.vocabulary,
    positions: config.positions,
    fingerprint: [pooling, ...(matching ? ["matching"] : []), ...(apart ? [`${apart} layers apart`] : [])].join(", "),
    toModel(weights) {
      const graph = new Graph("cross-encoder");
      const layout = paddedLayout(graph, pooling);
      graph.output("logits", buildCrossEncoder(graph, constantWeights(graph, weights), config, layout, parts));
      return graph.toModel();
    },
    config: (base) => ({
      ...oneLabelConfig(config.raw),
      architectures: ["BertForSequenceClassification"],
      winnow: { pooling, ...parts, base },
    }),
  };
}

/** A base's `config.json` for a model that gives one raw logit. */
export function oneLabelConfig(raw: Record<string, unknown>): Record<string, unknown> {
  const { _name_or_path, sentence_transformers: _, ...rest } = raw;
  return {
    ...rest,
    id2label: { 0: "LABEL_0" },
    label2id: { LABEL_0: 0 },
    num_labels: 1,
    sentence_transformers: { activation_fn: "torch.nn.modules.linear.Identity" },
  };
}

function frozenWeights(layers: number, of: number): (name: string) => boolean {
  if (layers > of) throw new WinnowError("BadInput", `frozenLayers is ${layers}, but the model has ${of} layers`);
  return (name) => {
    if (name === "embeddings.word_embeddings.weight" || name === RARITY) return true;
    if (layers > 0 && name.startsWith("embeddings.")) return true;
    const layer = /^encoder\.layer\.(\d+)\./.exec(name);
    return layer !== null && Number(layer[1]) < layers;
  };
}
