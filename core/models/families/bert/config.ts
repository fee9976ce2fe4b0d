import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import { type ModelFolder, requireConfig } from "../modelFolder.ts";

/** Sizes of a BERT encoder, from its `config.json`. */
export interface BertConfig {
  hidden: number;
  inner: number;
  layers: number;
  heads: number;
  vocabulary: number;
  positions: number;
  segments: number;
  epsilon: number;
  architecture: string;
  /** Content of the file, for writing a derived folder. */
  raw: Record<string, unknown>;
}

/** Reads a folder's `config.json`. Throws BadModel if it is absent or not that of a BERT with exact GELU. */
export async function bertConfig(folder: ModelFolder): Promise<BertConfig> {
  const file = join(folder.dir, "config.json");
  const raw = await requireConfig(folder);
  if (raw.model_type !== "bert") {
    throw new WinnowError("BadModel", `${file}: expected model_type "bert", got ${JSON.stringify(raw.model_type)}`);
  }
  if (raw.hidden_act !== "gelu" || (raw.position_embedding_type ?? "absolute") !== "absolute") {
    throw new WinnowError("BadModel", `${file}: only hidden_act "gelu" with absolute positions is supported`);
  }
  const size = (key: string): number => {
    const value = raw[key];
    if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
    throw new WinnowError("BadModel", `${file}: ${key} must be a positive whole number`);
  };
  const config: BertConfig = {
    hidden: size("hidden_size"),
    inner: size("intermediate_size"),
    layers: size("num_hidden_layers"),
    heads: size("num_attention_heads"),
    vocabulary: size("vocab_size"),
    positions: size("max_position_embeddings"),
    segments: size("type_vocab_size"),
    epsilon: typeof raw.layer_norm_eps === "number" ? raw.layer_norm_eps : 1e-12,
    architecture: Array.isArray(raw.architectures) ? String(raw.architectures[0]) : "BertModel",
    raw,
  };
  if (config.hidden % config.heads !== 0) {
    throw new WinnowError("BadModel", `${file}: hidden_size must be a multiple of num_attention_heads`);
  }
  return config;
}
