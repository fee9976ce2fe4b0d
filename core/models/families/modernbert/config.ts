import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import { readSeparator } from "../../separator.ts";
import { type ModelFolder, requireConfig } from "../modelFolder.ts";

/** Attention of one layer: to all tokens, or to those within a window. */
interface LayerAttention {
  /** Most tokens between a token and another that it attends to; null for all. */
  reach: number | null;
  /** Base of its rotary positions' wavelengths. */
  theta: number;
}

/** Sizes and parts of a ModernBERT encoder. */
export interface ModernBertConfig {
  hidden: number;
  inner: number;
  heads: number;
  vocabulary: number;
  positions: number;
  epsilon: number;
  /** One entry a layer. */
  layers: LayerAttention[];
  /** Which parts have biases. */
  biases: { norm: boolean; attention: boolean; mlp: boolean; classifier: boolean };
  /** Of the head of ModernBertForSequenceClassification. */
  classifierActivation: string;
  /** Id of the token between the texts of a pair. */
  separator: number;
  /** Content of the file, for writing a derived folder. */
  raw: Record<string, unknown>;
}

type Raw = Record<string, unknown>;

/** Defaults of Hugging Face's ModernBertConfig, which its files leave out. */
const DEFAULTS = { every: 3, window: 128, theta: { global: 160_000, local: 10_000 } };

/**
 * Reads a folder's `config.json`, and the separator of its `tokenizer.json`. Throws BadModel if one is absent, or if it is
 * not the config of a ModernBERT with exact GELU.
 */
export async function modernBertConfig(folder: ModelFolder): Promise<ModernBertConfig> {
  const file = join(folder.dir, "config.json");
  const raw = await requireConfig(folder);
  const refuse = (why: string) => new WinnowError("BadModel", `${file}: ${why}`);
  if (raw.model_type !== "modernbert") {
    throw refuse(`expected model_type "modernbert", got ${JSON.stringify(raw.model_type)}`);
  }
  if ((raw.hidden_activation ?? "gelu") !== "gelu") throw refuse('only hidden_activation "gelu" is supported');
  const size = (key: string): number => {
    const value = raw[key];
    if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
    throw refuse(`${key} must be a positive whole number`);
  };
  const config: ModernBertConfig = {
    hidden: size("hidden_size"),
    inner: size("intermediate_size"),
    heads: size("num_attention_heads"),
    vocabulary: size("vocab_size"),
    positions: size("max_position_embeddings"),
    epsilon: numberOr(raw.norm_eps, 1e-5),
    layers: layersOf(raw, size("num_hidden_layers"), refuse),
    biases: {
      norm: raw.norm_bias === true,
      attention: raw.attention_bias === true,
      mlp: raw.mlp_bias === true,
      classifier: raw.classifier_bias === true,
    },
    classifierActivation: String(raw.classifier_activation ?? "gelu"),
    separator: await readSeparator(folder.dir),
    raw,
  };
  if (config.hidden % (2 * config.heads) !== 0) {
    throw refuse("hidden_size must be a multiple of twice num_attention_heads");
  }
  return config;
}

/** Newer files list the layers' types; older ones have every n-th layer attend to all tokens. */
function layersOf(raw: Raw, count: number, refuse: (why: string) => WinnowError): LayerAttention[] {
  const every = numberOr(raw.global_attn_every_n_layers, DEFAULTS.every);
  const reach = Math.floor(numberOr(raw.local_attention, DEFAULTS.window) / 2);
  const types = Array.isArray(raw.layer_types) ? raw.layer_types.map(String) : null;
  if (types && types.length !== count) throw refuse(`layer_types has ${types.length} entries for ${count} layers`);
  const { global, local } = thetas(raw, refuse);
  return Array.from({ length: count }, (_, layer) => {
    const type = types?.[layer] ?? (layer % every === 0 ? "full_attention" : "sliding_attention");
    if (type === "full_attention") return { reach: null, theta: global };
    if (type === "sliding_attention") return { reach, theta: local };
    throw refuse(`layer_types has the unknown type ${JSON.stringify(type)}`);
  });
}

function thetas(raw: Raw, refuse: (why: string) => WinnowError): { global: number; local: number } {
  const parameters = (raw.rope_parameters ?? {}) as Record<string, Raw | null | undefined>;
  const { full_attention: full, sliding_attention: sliding } = parameters;
  const scaled = [full, sliding].some((each) => each && (each.rope_type ?? "default") !== "default");
  if (scaled || raw.rope_scaling != null) throw refuse("scaled rotary positions are not supported");
  const global = numberOr(full?.rope_theta, numberOr(raw.global_rope_theta, DEFAULTS.theta.global));
  // Files may state null for the layers with a window, which then have the other layers' base.
  const local = raw.local_rope_theta === null ? global : numberOr(raw.local_rope_theta, DEFAULTS.theta.local);
  return { global, local: numberOr(sliding?.rope_theta, local) };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
