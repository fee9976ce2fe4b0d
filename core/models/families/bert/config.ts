import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import { type ModelFolder, requireConfig } from "../modelFolder.ts";
import { type Architecture, architectureOf } from "./architectures.ts";

/** Sizes of an encoder of BERT's structure, from its `config.json`. */
export interface BertConfig {
  of: Architecture;
  hidden: number;
  inner: number;
  layers: number;
  heads: number;
  vocabulary: number;
  /** Most tokens of a text. */
  positions: number;
  /** Rows of the stored position table before the first token's. */
  skippedPositions: number;
  /** Rows of the segment table that are read; 0 without one. */
  segments: number;
  epsilon: number;
  /** Content of the file, for writing a derived folder. */
  raw: Record<string, unknown>;
}

/** Reads a folder's `config.json`. Throws BadModel if it is absent or not that of such an encoder with exact GELU. */
export async function bertConfig(folder: ModelFolder): Promise<BertConfig> {
  const file = join(folder.dir, "config.json");
  const raw = await requireConfig(folder);
  const of = architectureOf(raw.model_type);
  const refuse = (why: string) => new WinnowError("BadModel", `${file}: ${why}`);
  if (!of) throw refuse(`expected model_type "bert", got ${JSON.stringify(raw.model_type)}`);
  const { keys, activationKey } = of;
  if (raw[activationKey] !== "gelu" || (raw.position_embedding_type ?? "absolute") !== "absolute") {
    throw refuse(`only ${activationKey} "gelu" with absolute positions is supported`);
  }
  const size = (key: string | null): number => {
    const value = key === null ? 0 : raw[key];
    if (key === null || (typeof value === "number" && Number.isInteger(value) && value > 0)) return Number(value);
    throw refuse(`${key} must be a positive whole number`);
  };
  const skippedPositions = of.skippedPositions(raw);
  const config: BertConfig = {
    of,
    hidden: size(keys.hidden),
    inner: size(keys.inner),
    layers: size(keys.layers),
    heads: size(keys.heads),
    vocabulary: size(keys.vocabulary),
    positions: size(keys.positions) - skippedPositions,
    skippedPositions,
    segments: of.oneSegment ? Math.min(1, size(keys.segments)) : size(keys.segments),
    epsilon: typeof raw.layer_norm_eps === "number" ? raw.layer_norm_eps : of.epsilon,
    raw,
  };
  if (config.hidden % config.heads !== 0) throw refuse(`${keys.hidden} must be a multiple of ${keys.heads}`);
  if (config.positions < 1) throw refuse(`${keys.positions} must exceed pad_token_id + 1`);
  return config;
}
