import type { Graph, Value, WeightSource } from "../onnx/graph.ts";
import type { Tensor } from "../onnx/runtime.ts";
import type { ModelProto } from "../onnx/schema.ts";
import type { EncodedText } from "./batches.ts";
import type { HostTensor } from "./safetensors.ts";

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
