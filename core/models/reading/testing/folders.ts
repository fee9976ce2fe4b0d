import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readModelFolder } from "../readModelFolder.ts";

export type Files = Record<string, unknown>;

/** Writes objects as JSON and strings as they are. */
export async function folderOf(files: Files): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "winnow-reading-"));
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return dir;
}

export const read = async (files: Files) => readModelFolder(await folderOf(files));
export const ENCODER = {
  architectures: ["BertModel"],
  model_type: "bert",
  hidden_size: 384,
  max_position_embeddings: 512,
};
export const BARE: Files = { "config.json": ENCODER, "model.safetensors": "weights" };
export const moduleRow = (type: string, path = "") => ({ type: `sentence_transformers.models.${type}`, path });
export const MODULES = [
  moduleRow("Transformer"),
  moduleRow("Pooling", "1_Pooling"),
  moduleRow("Normalize", "2_Normalize"),
];
export const OLD: Files = {
  ...BARE,
  "modules.json": MODULES,
  "1_Pooling/config.json": {
    word_embedding_dimension: 384,
    pooling_mode_cls_token: true,
    pooling_mode_mean_tokens: false,
  },
  "sentence_bert_config.json": { max_seq_length: 300, do_lower_case: true },
};
/** As sentence-transformers 6.2 writes it. */
export const NEW: Files = {
  ...BARE,
  "modules.json": [
    { idx: 0, name: "0", path: "", type: "sentence_transformers.base.modules.transformer.Transformer" },
    {
      idx: 1,
      name: "1",
      path: "1_Pooling",
      type: "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
    },
  ],
  "1_Pooling/config.json": { embedding_dimension: 384, pooling_mode: "cls", include_prompt: true },
  "sentence_bert_config.json": { transformer_task: "feature-extraction" },
  "tokenizer_config.json": { model_max_length: 128 },
  "config_sentence_transformers.json": {
    model_type: "SentenceTransformer",
    prompts: { query: "search: ", document: "" },
    similarity_fn_name: "dot",
  },
};
export const CLASSIFIER = { ...ENCODER, architectures: ["BertForSequenceClassification"], id2label: { 0: "LABEL_0" } };
export const RERANKER: Files = { ...BARE, "config.json": CLASSIFIER };
const HEAD = ["2_Dense", "3_LayerNorm", "4_Dense"];
/** The form of ettin-reranker. */
export const MODULAR: Files = {
  ...BARE,
  "config.json": { ...ENCODER, model_type: "modernbert" },
  "modules.json": [...MODULES.slice(0, 2), ...HEAD.map((path) => moduleRow(path.slice(2), path))],
  "1_Pooling/config.json": { pooling_mode: "cls" },
  "config_sentence_transformers.json": {
    model_type: "CrossEncoder",
    activation_fn: "torch.nn.modules.linear.Identity",
  },
  ...Object.fromEntries(HEAD.map((path) => [`${path}/model.safetensors`, "weights"])),
  "2_Dense/config.json": { in_features: 384, out_features: 384 },
  "3_LayerNorm/config.json": { dimension: 384 },
  "4_Dense/config.json": { in_features: 384, out_features: 1 },
};
