/** Sizes in `config.json`. Architectures name some of them differently. */
type Size = "hidden" | "inner" | "layers" | "heads" | "vocabulary" | "positions" | "segments";

/**
 * An encoder of BERT's structure. Its weights get BERT's names when they are read, so that one builder serves all rows.
 */
export interface Architecture {
  /** Family in the tables. */
  name: string;
  /** `model_type` in `config.json`, with the name that its classes start with. */
  modelTypes: Readonly<Record<string, string>>;
  /** Keys in `config.json`; null: the architecture has none. */
  keys: Readonly<Record<Size, string | null>>;
  activationKey: string;
  /** Default of `layer_norm_eps`. */
  epsilon: number;
  /** Rows of the position table before the first token's. RoBERTa counts from the padding token's id + 1. */
  skippedPositions(raw: Record<string, unknown>): number;
  /** True if the model does not tell question and passage apart by segments. */
  oneSegment: boolean;
  /** Function between the classifier's two layers. */
  headActivation: "tanh" | "relu";
  /** Names in checkpoints and BERT's, applied in this order. Null: the weights are not read. */
  renamed: readonly (readonly [RegExp, string | null])[];
}

const BERT_KEYS = {
  hidden: "hidden_size",
  inner: "intermediate_size",
  layers: "num_hidden_layers",
  heads: "num_attention_heads",
  vocabulary: "vocab_size",
  positions: "max_position_embeddings",
  segments: "type_vocab_size",
} as const;

/** Devlin et al., 2019. */
export const BERT: Architecture = {
  name: "bert",
  modelTypes: { bert: "Bert" },
  keys: BERT_KEYS,
  activationKey: "hidden_act",
  epsilon: 1e-12,
  skippedPositions: () => 0,
  oneSegment: false,
  headActivation: "tanh",
  renamed: [
    [/^bert\./, ""],
    [/\.gamma$/, ".weight"],
    [/\.beta$/, ".bias"],
  ],
};

/** Liu et al., 2019, and XLM-R (Conneau et al., 2020), which has the same structure. */
export const ROBERTA: Architecture = {
  name: "roberta",
  modelTypes: { roberta: "Roberta", "xlm-roberta": "XLMRoberta" },
  keys: BERT_KEYS,
  activationKey: "hidden_act",
  epsilon: 1e-12,
  skippedPositions: ({ pad_token_id }) => (typeof pad_token_id === "number" ? pad_token_id : 1) + 1,
  oneSegment: true,
  headActivation: "tanh",
  renamed: [
    [/^roberta\./, ""],
    // The pooler of the language model. A classifier has a layer of its own.
    [/^pooler\./, null],
    [/^classifier\.dense\./, "pooler.dense."],
    [/^classifier\.out_proj\./, "classifier."],
  ],
};

/** Sanh et al., 2019: half of BERT's layers, without segments. */
export const DISTILBERT: Architecture = {
  name: "distilbert",
  modelTypes: { distilbert: "DistilBert" },
  keys: {
    ...{ hidden: "dim", inner: "hidden_dim", layers: "n_layers", heads: "n_heads" },
    ...{ vocabulary: "vocab_size", positions: "max_position_embeddings", segments: null },
  },
  activationKey: "activation",
  epsilon: 1e-12,
  skippedPositions: () => 0,
  oneSegment: true,
  headActivation: "relu",
  renamed: [
    [/^distilbert\./, ""],
    [/^transformer\.layer\./, "encoder.layer."],
    [/\.attention\.q_lin\./, ".attention.self.query."],
    [/\.attention\.k_lin\./, ".attention.self.key."],
    [/\.attention\.v_lin\./, ".attention.self.value."],
    [/\.attention\.out_lin\./, ".attention.output.dense."],
    [/\.sa_layer_norm\./, ".attention.output.LayerNorm."],
    [/\.ffn\.lin1\./, ".intermediate.dense."],
    [/\.ffn\.lin2\./, ".output.dense."],
    [/\.output_layer_norm\./, ".output.LayerNorm."],
    [/^pre_classifier\./, "pooler.dense."],
  ],
};

const ARCHITECTURES = [BERT, ROBERTA, DISTILBERT];

/** The architecture of a `model_type`; null for others. */
export function architectureOf(modelType: unknown): Architecture | null {
  return ARCHITECTURES.find(({ modelTypes }) => Object.hasOwn(modelTypes, String(modelType))) ?? null;
}

/** Whether `config.json` states one of an architecture's model types. */
export function isOf({ modelTypes }: Architecture, config: Record<string, unknown> | null): boolean {
  return config !== null && Object.hasOwn(modelTypes, String(config.model_type));
}

/** BERT's name of a weight in a checkpoint; null if it is not read. */
export function bertName(name: string, { renamed }: Architecture): string | null {
  let found = name;
  for (const [pattern, by] of renamed) {
    if (by === null && pattern.test(found)) return null;
    found = found.replace(pattern, by ?? "");
  }
  return found;
}
