import type { Pooling } from "../tokenLayout.ts";

/**
 * Where a fact was read: in a file of the folder, in the options that the operator gave with the model, in a preset, or
 * nowhere, so that the default holds.
 */
export type Origin = "file" | "option" | "preset" | "default";

/** A value with its origin. `file` is the path inside the folder. */
export interface Found<T> {
  value: T;
  from: Origin;
  file?: string;
}

/** Prefix of each kind of text; empty if the model takes none. */
export interface Prefixes {
  question: string;
  passage: string;
}

/** Function that a cross-encoder applies to its logit. Winnow ranks by the logit itself. */
export type LogitActivation = "identity" | "sigmoid";

/** One row of `modules.json`: a step of a sentence-transformers model. */
export interface Module {
  /** Last part of its class: Transformer, Pooling, Dense, LayerNorm, Normalize or StaticEmbedding. */
  type: string;
  /** Its folder inside the model's; empty for the model's own. */
  path: string;
  /** Its `config.json`; empty if it has none. */
  config: Record<string, unknown>;
}

export interface ModelFacts {
  pooling: Pooling;
  prefixes: Prefixes;
  /** Most tokens of a text, or of a pair. */
  maxTokens: number;
  /** Components of a vector; for a reranker, width of its states. Null if only the ONNX file shows it. */
  dimensions: number | null;
  /** Similarity that the model was trained for. Winnow normalises vectors, so it always computes cosines. */
  similarity: string;
  /** Null for embedders. */
  activation: LogitActivation | null;
  /** SPDX-like id from the model card, in lower case; null if not stated. */
  licence: string | null;
}

/** What the files of a model folder say about it. Weights are not read. */
export interface ModelDescription extends ModelFacts {
  dir: string;
  kind: "embedder" | "reranker";
  /** `model_type` of `config.json`; `static` for a look-up table; null if the folder states none. */
  modelType: string | null;
  /** Rows of `modules.json`, in order; empty if there is none. */
  modules: readonly Module[];
  /** Keys of prompts in its files that are not used, where nothing states its prefixes. */
  ignoredPrompts: string[];
  /** Name of the preset that matched; null if none did. */
  preset: string | null;
  from: Record<keyof ModelFacts, Origin>;
  /** The file, inside the folder, of each fact that came from one. */
  files: Partial<Record<keyof ModelFacts, string>>;
}
