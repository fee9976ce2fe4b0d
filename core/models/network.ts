import type { Graph, Value, WeightSource } from "../onnx/graph.ts";
import type { Tensor } from "../onnx/runtime.ts";
import type { ModelProto } from "../onnx/schema.ts";
import type { EncodedText } from "./batches.ts";
import type { HostTensor } from "./safetensors.ts";

/** Computation of a cross-encoder's logits: everything that training and export need from a kind of model. */
export interface Network {
  /**
   * Adds the forward pass of `feeds`' inputs to `graph`: logits, float32 [batch, 1]. If `mask` is given, each call of
   * it returns one dropout mask [batch, maskWidth].
   */
  forward(graph: Graph, weights: WeightSource, mask?: () => Value): Value;
  /** Its division into lower and joint layers; null if every layer reads question and passage as one text. */
  readonly apart: LayersApart | null;
  /** The inputs of `forward` for a batch of encoded pairs. */
  feeds(rows: readonly EncodedText[]): Record<string, Tensor>;
  /** Units that a dropout mask covers; 0 if the network does not support dropout. */
  readonly maskWidth: number;
  /** Predicate for the frozen weights of the first `layers` layers. Throws BadInput if the model has fewer layers. */
  frozen(layers: number): (name: string) => boolean;
  /** True for a weight of a fresh head, which learns at its own rate. */
  isHead(name: string): boolean;
  /** Rows of the word embeddings. */
  readonly vocabulary: number;
  /** Most tokens of a pair. */
  readonly positions: number;
  /** Distinguishes networks with the same weights. */
  readonly fingerprint: string;
  /** The served model: from input_ids, attention_mask and any further inputs, int64 [batch, length], to logits. */
  toModel(weights: Map<string, HostTensor>): ModelProto;
  /** Content of the exported folder's `config.json`; null if the base has none. */
  config(baseName: string): Record<string, unknown> | null;
}

/** A network's layers that read question and passage as two texts, and the joint ones above them. */
export interface LayersApart {
  /** Components of a token's state. */
  hidden: number;
  /** The text of each token: 0 for the question with its special tokens, 1 for the passage. */
  sides(row: EncodedText): readonly number[];
  /** The states of texts after the lower layers, float32 [tokens, hidden], from the inputs of `packedFeeds`. */
  lower(graph: Graph, weights: WeightSource): Value;
  /** `forward` from these states on. */
  joint(graph: Graph, weights: WeightSource, states: Value, mask?: () => Value): Value;
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
