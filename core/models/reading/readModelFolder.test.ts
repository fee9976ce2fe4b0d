import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeOptions } from "./options.ts";
import { PRESETS, presetFor } from "./presets.ts";
import { readModelFolder } from "./readModelFolder.ts";
import {
  BARE,
  CLASSIFIER,
  ENCODER,
  folderOf,
  MODULAR,
  moduleRow,
  NEW,
  OLD,
  RERANKER,
  read,
} from "./testing/folders.ts";

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

  it("finds its prompts under the names of several makers, and lists those that it does not know", async () => {
    const of = (prompts: object) => read({ ...OLD, "config_sentence_transformers.json": { prompts } });
    expect(await of({ search_query: "search_query: ", search_document: "search_document: " })).toMatchObject({
      prefixes: { question: "search_query: ", passage: "search_document: " },
      ignoredPrompts: [],
    });
    expect((await of({ s2s_query: "a ", s2p_query: "b " })).prefixes).toEqual({ question: "b ", passage: "" });
    expect(await of({ clustering: "c: ", empty: "" })).toMatchObject({
      prefixes: { question: "", passage: "" },
      ignoredPrompts: ["clustering"],
    });
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
    const table = await readFile(new URL("../families/fixtures/embedders/static/model.safetensors", import.meta.url));
    for (const path of ["", "0_StaticEmbedding"]) {
      const dir = await folderOf({ "modules.json": [moduleRow("StaticEmbedding", path)] });
      await mkdir(join(dir, path), { recursive: true });
      await writeFile(join(dir, path, "model.safetensors"), table);
      expect(await readModelFolder(dir)).toMatchObject({
        kind: "embedder",
        modelType: "static",
        pooling: "mean",
        dimensions: 16,
        files: { dimensions: join(path, "model.safetensors") },
      });
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

  it("one prefix of the options leaves the other as the preset or a file states it", async () => {
    const e5 = { ...BARE, "config.json": { ...ENCODER, _name_or_path: "intfloat/e5-small-v2" } };
    for (const files of [e5, { ...BARE, "config_sentence_transformers.json": { prompts: { passage: "passage: " } } }]) {
      const dir = await folderOf(files);
      await writeOptions(dir, { prefixes: { question: "q " } });
      expect(await readModelFolder(dir)).toMatchObject({
        prefixes: { question: "q ", passage: "passage: " },
        from: { prefixes: "option" },
      });
    }
  });

  it("two empty prompts, which sentence-transformers writes into every folder, leave the prefix to the preset", async () => {
    const settings = { prompts: { query: "", document: "" }, default_prompt_name: null };
    const { prefixes } = await read({ ...bge, "config_sentence_transformers.json": settings });
    expect(prefixes.question).toBe(bgePrefix);
  });

  it("the folder's own name does not count", async () => {
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
