import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { OPTIONS_FILE, writeOptions } from "./options.ts";
import { PRESETS, presetFor } from "./presets.ts";
import { readModelFolder } from "./readModelFolder.ts";

type Files = Record<string, unknown>;

/** Writes objects as JSON and strings as they are. */
async function folderOf(files: Files): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "winnow-reading-"));
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return dir;
}

const read = async (files: Files) => readModelFolder(await folderOf(files));
const ENCODER = { architectures: ["BertModel"], model_type: "bert", hidden_size: 384, max_position_embeddings: 512 };
const BARE: Files = { "config.json": ENCODER, "model.safetensors": "weights" };
const module = (type: string, path = "") => ({ type: `sentence_transformers.models.${type}`, path });
const MODULES = [module("Transformer"), module("Pooling", "1_Pooling"), module("Normalize", "2_Normalize")];
const OLD: Files = {
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
const NEW: Files = {
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
const CLASSIFIER = { ...ENCODER, architectures: ["BertForSequenceClassification"], id2label: { 0: "LABEL_0" } };
const RERANKER: Files = { ...BARE, "config.json": CLASSIFIER };
const HEAD = ["2_Dense", "3_LayerNorm", "4_Dense"];
/** The form of ettin-reranker. */
const MODULAR: Files = {
  ...BARE,
  "config.json": { ...ENCODER, model_type: "modernbert" },
  "modules.json": [...MODULES.slice(0, 2), ...HEAD.map((path) => module(path.slice(2), path))],
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

describe("a model folder", () => {
  it("with config.json and weights alone is read as all-MiniLM-L6-v2: mean, 256 tokens, no prefix", async () => {
    expect(await read(BARE)).toMatchObject({
      kind: "embedder",
      modelType: "bert",
      pooling: "mean",
      maxTokens: 256,
      prefixes: { question: "", passage: "" },
      dimensions: 384,
      activation: null,
      licence: null,
      preset: null,
      from: { pooling: "default", maxTokens: "default", prefixes: "default", dimensions: "file" },
      files: { dimensions: "config.json" },
    });
  });

  it("in the old spelling of sentence-transformers states pooling by booleans and length in a file of its own", async () => {
    expect(await read(OLD)).toMatchObject({
      pooling: "cls",
      maxTokens: 300,
      from: { pooling: "file", maxTokens: "file" },
      files: { pooling: "1_Pooling/config.json", maxTokens: "sentence_bert_config.json" },
    });
  });

  it("in the new spelling states pooling by name, length in the tokenizer's config, and prompts", async () => {
    expect(await read(NEW)).toMatchObject({
      pooling: "cls",
      maxTokens: 128,
      prefixes: { question: "search: ", passage: "" },
      similarity: "dot",
      from: { prefixes: "file" },
      files: { maxTokens: "tokenizer_config.json", prefixes: "config_sentence_transformers.json" },
    });
  });

  it.each([
    ["positions bound a longer max_seq_length", { ...OLD, "sentence_bert_config.json": { max_seq_length: 4096 } }, 512],
    ["positions alone", { ...OLD, "sentence_bert_config.json": undefined }, 512],
    ["a tokenizer's 1e30 is no limit", { ...NEW, "tokenizer_config.json": { model_max_length: 1e30 } }, 512],
    [
      "RoBERTa counts positions from its padding token",
      {
        ...OLD,
        "config.json": { ...ENCODER, model_type: "xlm-roberta", max_position_embeddings: 130, pad_token_id: 1 },
      },
      128,
    ],
  ])("limits its texts: %s", async (_, files, maxTokens) => {
    expect((await read(files)).maxTokens).toBe(maxTokens);
  });

  it("takes the default prompt for texts without one of their own", async () => {
    const prompts = { passage: "passage: ", all: "text: " };
    const settings = { prompts, default_prompt_name: "all" };
    const { prefixes } = await read({ ...OLD, "config_sentence_transformers.json": settings });
    expect(prefixes).toEqual({ question: "text: ", passage: "passage: " });
  });

  it("states its licence in the model card", async () => {
    const card = (front: string) => ({ ...BARE, "README.md": `---\n${front}\n---\n# A model\n` });
    expect(await read(card("language: en\nlicense: Apache-2.0"))).toMatchObject({
      licence: "apache-2.0",
      files: { licence: "README.md" },
    });
    expect((await read(card("license: other\nlicense_name: gemma"))).licence).toBe("gemma");
    expect((await read(card("license: ["))).licence).toBeNull();
  });

  it("of a cross-encoder has one label, and the sigmoid unless it states another activation", async () => {
    expect(await read(RERANKER)).toMatchObject({
      kind: "reranker",
      pooling: "cls",
      maxTokens: 512,
      activation: "sigmoid",
      from: { activation: "default" },
    });
    const activation_fn = "torch.nn.modules.linear.Identity";
    const stated = { ...CLASSIFIER, sentence_transformers: { activation_fn } };
    expect((await read({ ...RERANKER, "config.json": stated })).activation).toBe("identity");
    const older = { ...CLASSIFIER, sbert_ce_default_activation_function: activation_fn };
    expect((await read({ ...RERANKER, "config.json": older })).activation).toBe("identity");
  });

  it("of a modular reranker ends in a Dense module with one output", async () => {
    expect(await read(MODULAR)).toMatchObject({ kind: "reranker", pooling: "cls", activation: "identity" });
  });

  it("of a look-up table needs no config.json, and may lie in a folder of its own", async () => {
    for (const path of ["", "0_StaticEmbedding"]) {
      const files = { "modules.json": [module("StaticEmbedding", path)], [join(path, "model.safetensors")]: "weights" };
      expect(await read(files)).toMatchObject({ kind: "embedder", modelType: "static", pooling: "mean" });
    }
  });
});

describe("options and presets", () => {
  const bge = { ...BARE, "config.json": { ...ENCODER, _name_or_path: "baai/bge-small-en-v1.5" } };
  const bgePrefix = "Represent this sentence for searching relevant passages: ";

  it("a preset supplies what the files lack, by the name that config.json states or that the options give", async () => {
    const named = await folderOf(BARE);
    await writeOptions(named, { name: "BAAI/bge-small-en-v1.5" });
    for (const dir of [await folderOf(bge), named]) {
      expect(await readModelFolder(dir)).toMatchObject({
        preset: "BAAI/bge-small-en-v1.5",
        pooling: "cls",
        maxTokens: 512,
        prefixes: { question: bgePrefix, passage: "" },
        licence: "mit",
        from: { pooling: "preset", maxTokens: "preset", prefixes: "preset", licence: "preset" },
      });
    }
  });

  it("a file overrides the preset, and an option both", async () => {
    const dir = await folderOf({ ...NEW, ...OLD, "config.json": bge["config.json"] });
    const stated = await readModelFolder(dir);
    expect(stated).toMatchObject({ prefixes: { question: "search: " }, maxTokens: 300, from: { prefixes: "file" } });
    await writeOptions(dir, { pooling: "mean", prefixes: { question: "q ", passage: "p " }, maxTokens: 99 });
    expect(await readModelFolder(dir)).toMatchObject({
      pooling: "mean",
      prefixes: { question: "q ", passage: "p " },
      maxTokens: 99,
      from: { pooling: "option", prefixes: "option", maxTokens: "option" },
    });
  });

  it("two empty prompts, which sentence-transformers writes into every folder, leave the prefix to the preset", async () => {
    const settings = { prompts: { query: "", document: "" }, default_prompt_name: null };
    const { prefixes } = await read({ ...bge, "config_sentence_transformers.json": settings });
    expect(prefixes.question).toBe(bgePrefix);
  });

  it("the folder's own name plays no part", async () => {
    const parent = await folderOf({});
    const dir = join(parent, "bge-small-en-v1.5");
    await mkdir(dir);
    for (const [name, content] of Object.entries(BARE)) await writeFile(join(dir, name), JSON.stringify(content));
    expect((await readModelFolder(dir)).preset).toBeNull();
  });

  it("presets have distinct names, found whatever the case", () => {
    const names = PRESETS.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(presetFor([undefined, name])?.name.toLowerCase()).toBe(name);
    expect(presetFor([undefined, "someone/else"])).toBeNull();
  });
});

describe("a model folder is refused, naming the file and the remedy", () => {
  const pooling = (config: unknown) => ({ ...OLD, "1_Pooling/config.json": config });
  const both = { pooling_mode_cls_token: true, pooling_mode_mean_tokens: true };
  const external = { "config.json": ENCODER, "onnx/model.onnx": "graph", "onnx/model.onnx_data": "tensors" };
  it.each<[string, Files, RegExp]>([
    [
      "code of its own",
      { ...BARE, "config.json": { ...ENCODER, auto_map: {} } },
      /config\.json: auto_map.*another model/,
    ],
    [
      "code in modules.json",
      { ...OLD, "modules.json": [{ type: "own.Module" }] },
      /modules\.json: own\.Module is code/,
    ],
    [
      "pickles only",
      { ...BARE, "model.safetensors": undefined, "pytorch_model.bin": "x" },
      /pytorch_model\.bin.*pickle.*save/,
    ],
    ["tensors outside the ONNX file", external, /onnx\/model\.onnx_data holds tensors outside.*safetensors/],
    ["no weights", { "config.json": ENCODER }, /neither model\.safetensors nor onnx\/model\.onnx/],
    ["weights in several files", { "config.json": ENCODER, "model.safetensors.index.json": {} }, /several files/],
    ["two labels", { ...RERANKER, "config.json": { ...CLASSIFIER, num_labels: 2 } }, /2 labels cannot rank; use/],
    [
      "three labels by name",
      { ...RERANKER, "config.json": { ...CLASSIFIER, id2label: { 0: "a", 1: "b", 2: "c" } } },
      /3 labels/,
    ],
    [
      "an unsupported activation",
      {
        ...RERANKER,
        "config.json": { ...CLASSIFIER, sentence_transformers: { activation_fn: "torch.nn.modules.activation.Tanh" } },
      },
      /Tanh is not supported/,
    ],
    [
      "a head that modules.json lists and the folder lacks",
      { ...MODULAR, "4_Dense/model.safetensors": undefined },
      /4_Dense\/model\.safetensors: the Dense of modules\.json is missing.*fetch the whole folder/,
    ],
    ["a reranker's encoder without its head", { ...MODULAR, "modules.json": MODULES }, /head is missing.*cannot rank/],
    [
      "a known reranker's encoder without its head",
      { ...BARE, "config.json": { ...ENCODER, _name_or_path: "cross-encoder/ettin-reranker-17m-v1" } },
      /config\.json: the reranker's head is missing/,
    ],
    ["two poolings", pooling(both), /1_Pooling\/config\.json: expected one pooling mode, got cls and mean/],
    ["no pooling", pooling({}), /expected one pooling mode, got none/],
    ["a pooling that is not supported", pooling({ pooling_mode: "lasttoken" }), /"lasttoken" is not supported/],
    [
      "a module that is not supported",
      { ...OLD, "modules.json": [module("WordEmbeddings")] },
      /WordEmbeddings is not supported/,
    ],
    [
      "a module's path outside the folder",
      { ...OLD, "modules.json": [module("Pooling", "../x")] },
      /leads out of the folder/,
    ],
    [
      "a default prompt that is not there",
      { ...OLD, "config_sentence_transformers.json": { prompts: {}, default_prompt_name: "query" } },
      /default_prompt_name/,
    ],
    ["a config that is no object", { ...BARE, "config.json": "[]" }, /config\.json: expected a JSON object/],
    ["a config that does not parse", { ...BARE, "config.json": "{" }, /config\.json cannot be read/],
    [
      "a config too large to be one",
      { ...BARE, "config.json": " ".repeat(2 << 20) },
      /config\.json cannot be read: it has 2097152 bytes/,
    ],
    ["an option that is unknown", { ...BARE, [OPTIONS_FILE]: { poling: "cls" } }, /winnow_options\.json: .*poling/],
  ])("%s", async (_, files, message) => {
    await expect(read(files)).rejects.toMatchObject({ code: "BadModel", message: expect.stringMatching(message) });
  });
});
