import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../../base/random.ts";
import { type HostTensor, writeSafetensors } from "../safetensors.ts";

/** Two layers of 32 units: a BERT small enough to train in unit tests. */
export const TINY_CONFIG = {
  architectures: ["BertModel"],
  model_type: "bert",
  hidden_act: "gelu",
  hidden_size: 32,
  intermediate_size: 64,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 64,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  type_vocab_size: 2,
  vocab_size: 40,
};

const WORDS = "a the job pod node create delete run runs service how do i container what is red blue green one two ##s";

export async function writeTinyTokenizer(folder: string): Promise<void> {
  const specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
  const vocabulary = [...specials, ...WORDS.split(" ")];
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify({ tokenizer_class: "BertTokenizer" }));
  await writeFile(join(folder, "special_tokens_map.json"), "{}");
  await writeFile(join(folder, "vocab.txt"), `${vocabulary.join("\n")}\n`);
}

/** A model folder with random weights, as a base for `trainCrossEncoder` and `openEmbedder`. */
export async function writeTinyModel(folder: string, seed = 1, width = TINY_CONFIG.hidden_size): Promise<void> {
  await writeTinyTokenizer(folder);
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...TINY_CONFIG, hidden_size: width }));
  await writeSafetensors(join(folder, "model.safetensors"), tinyWeights(seed, width));
}

/** The tiny tokenizer in a folder that states a model of 512 positions, with no weights to load. */
export async function writeLongModel(folder: string): Promise<void> {
  await writeTinyTokenizer(folder);
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...TINY_CONFIG, max_position_embeddings: 512 }));
  await writeFile(join(folder, "model.safetensors"), "");
}

export function tinyWeights(seed: number, hidden = TINY_CONFIG.hidden_size): Map<string, HostTensor> {
  const random = seededRandom(seed);
  const weights = new Map<string, HostTensor>();
  const add = (name: string, dims: number[], spread: number, centre = 0) => {
    const data = Float32Array.from(
      { length: dims.reduce((a, b) => a * b, 1) },
      () => centre + spread * (random() * 2 - 1),
    );
    weights.set(name, { dims, data });
  };
  const linear = (name: string, outputs: number, inputs: number) => {
    add(`${name}.weight`, [outputs, inputs], 0.3);
    add(`${name}.bias`, [outputs], 0.1);
  };
  const norm = (name: string, width: number) => {
    add(`${name}.weight`, [width], 0.1, 1);
    add(`${name}.bias`, [width], 0.1);
  };
  const { intermediate_size: inner } = TINY_CONFIG;
  add("embeddings.word_embeddings.weight", [TINY_CONFIG.vocab_size, hidden], 1);
  add("embeddings.position_embeddings.weight", [TINY_CONFIG.max_position_embeddings, hidden], 0.2);
  add("embeddings.token_type_embeddings.weight", [TINY_CONFIG.type_vocab_size, hidden], 0.2);
  norm("embeddings.LayerNorm", hidden);
  for (let layer = 0; layer < TINY_CONFIG.num_hidden_layers; layer++) {
    const at = `encoder.layer.${layer}`;
    for (const part of ["query", "key", "value"]) linear(`${at}.attention.self.${part}`, hidden, hidden);
    linear(`${at}.attention.output.dense`, hidden, hidden);
    norm(`${at}.attention.output.LayerNorm`, hidden);
    linear(`${at}.intermediate.dense`, inner, hidden);
    linear(`${at}.output.dense`, hidden, inner);
    norm(`${at}.output.LayerNorm`, hidden);
  }
  return weights;
}
