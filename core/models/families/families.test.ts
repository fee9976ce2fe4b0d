import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { RARITY } from "../matching.ts";
import { writeTinyModel } from "../testing/tinyModel.ts";
import { openTokenizer } from "../tokenizer.ts";
import { bertConfig } from "./bert/config.ts";
import { openBertEmbedder } from "./bert/embedder.ts";
import { bertEmbedder, bertReranker, distilbertReranker } from "./bert/index.ts";
import {
  afterSteps,
  architectures,
  embedderFolder,
  FAMILIES,
  NAMES,
  rerankerFolder,
  WITHOUT_SEGMENTS,
} from "./bert/testing/architectures.ts";
import { encoderFacts } from "./encoderFacts.ts";
import { exportedEmbedder, exportedReranker } from "./exported/index.ts";
import type { EmbedderFamily, Reading, RerankerFamily } from "./family.ts";
import { describeEmbedder, EMBEDDERS, openBaseModel, openEmbedder, RERANKERS } from "./index.ts";
import { lookAt } from "./modelFolder.ts";
import { modernBertEmbedder, modernBertReranker } from "./modernbert/index.ts";
import { reference as byTransformers, fixtureFolder, writeModernBert } from "./modernbert/testing/fixtures.ts";
import { staticEmbedder } from "./static/index.ts";
import { copyModel } from "./testing/copyModel.ts";
import { type EmbedderCase, embedderSuite, type RerankerCase, rerankerSuite } from "./testing/familySuite.ts";

const references = new URL("../../training/loop/fixtures/", import.meta.url);
const fixture = async (name: string) => JSON.parse(await readFile(new URL(name, references), "utf8"));
const temporary = () => mkdtemp(join(tmpdir(), "winnow-families-"));

async function tinyFolder(): Promise<string> {
  const folder = await temporary();
  await writeTinyModel(folder);
  return folder;
}

const READING: Reading = {
  pooling: "cls",
  prefixes: { questions: "what is a job ", passages: "the service " },
  maxTokens: 16,
};

/** A family of BERT's architecture that reads texts differently, as e5 and bge do. */
const prefixed: EmbedderFamily = {
  name: "prefixed",
  reads: "a test",
  matches: bertEmbedder.matches,
  describe: async (folder) => encoderFacts(folder, READING, await bertConfig(folder)),
  open: (folder, options) => openBertEmbedder(folder, READING, options),
};

const FILES = ["config.json", "tokenizer.json", "model.safetensors"];
const EXPORT = ["tokenizer.json", "onnx/model.onnx"];
const bySentenceTransformers = JSON.parse(await readFile(new URL("fixtures/embedders.json", import.meta.url), "utf8"));

/** A model of `fixtures/embedders`, with its vectors by sentence-transformers. */
function saved(name: string, title: string, family: EmbedderFamily, needs: readonly string[]): EmbedderCase {
  const folder = fileURLToPath(new URL(`fixtures/embedders/${name}`, import.meta.url));
  const { texts, models } = bySentenceTransformers;
  return {
    title,
    family,
    write: (to, seed) => copyModel(folder, to, seed),
    needs,
    reference: { texts, ...models[name] },
    hasTwin: family !== staticEmbedder,
  };
}

const embedders: EmbedderCase[] = [
  { family: bertEmbedder, write: writeTinyModel, needs: FILES },
  { title: "another reading", family: prefixed, write: writeTinyModel, needs: FILES },
  saved("cls", "cls pooling and prompts", bertEmbedder, FILES),
  saved("mean", "mean pooling and 12 tokens, in the old spelling", bertEmbedder, FILES),
  saved("dense", "a Dense layer after pooling", bertEmbedder, [...FILES, "2_Dense/model.safetensors"]),
  saved("states", "an export of the tokens' states", exportedEmbedder, EXPORT),
  saved("vectors", "an export of pooled vectors", exportedEmbedder, EXPORT),
  saved("static", "a look-up table", staticEmbedder, ["modules.json", "tokenizer.json", "model.safetensors"]),
  { family: modernBertEmbedder, write: writeModernBert, needs: FILES },
  ...WITHOUT_SEGMENTS.map((name) => {
    const { texts, models } = architectures;
    return {
      title: `a ${name}`,
      family: FAMILIES[name].embedder,
      write: (to: string, seed?: number) => copyModel(embedderFolder(name), to, seed),
      needs: FILES,
      reference: { texts, questions: models[name].vectors, passages: models[name].vectors },
    };
  }),
];

const byPyTorch = await fixture("pytorch.json");
const exported = await fixture("exports.json");
const { question, passages } = exported as { question: string; passages: string[] };

/** A model of `bert/fixtures/rerankers`, with its logits by transformers or sentence-transformers. */
function trainedReranker(name: (typeof NAMES)[number] | "modular", family: RerankerFamily): RerankerCase {
  return {
    title: `a ${name} with a trained head`,
    family,
    folder: async () => rerankerFolder(name),
    async rows(folder) {
      const tokenizer = await openTokenizer(folder);
      return architectures.passages.map((passage) => tokenizer.encodePair(architectures.question, passage, 40));
    },
    logits: architectures.models[name].logits,
  };
}

const rerankers: RerankerCase[] = [
  {
    title: "an encoder with a fresh head",
    family: bertReranker,
    folder: tinyFolder,
    prepare(base) {
      base.weights.set(RARITY, { dims: [40, 1], data: Float32Array.from({ length: 40 }, (_, id) => Math.sin(id)) });
    },
    rows: async () =>
      byPyTorch.rows.map((ids: number[]) => ({ ids, typeIds: ids.map((_, place) => (place < 5 ? 0 : 1)) })),
    logits: byPyTorch.logits,
  },
  ...Object.keys(exported.models).map((name) => ({
    title: `an exported ${name}`,
    family: exportedReranker,
    folder: async () => fileURLToPath(new URL(`exports/${name}`, references)),
    async rows(folder: string) {
      const tokenizer = await openTokenizer(folder);
      return passages.map((passage) => tokenizer.encodePair(question, passage, 40));
    },
    logits: exported.models[name].logits,
  })),
  ...NAMES.map((name) => ({
    ...trainedReranker(name, FAMILIES[name].reranker),
    steps: { ...architectures, losses: architectures.models[name].losses, after: () => afterSteps(name) },
  })),
  trainedReranker("modular", distilbertReranker),
  ...Object.entries(byTransformers.rerankers).map(([name, { logits }]) => ({
    title: `a ${name} ModernBERT`,
    family: modernBertReranker,
    folder: async () => fixtureFolder(name),
    rows: async () => byTransformers.pairs.map((ids) => ({ ids })),
    logits,
  })),
  {
    title: "a ModernBERT encoder with a fresh head",
    family: modernBertReranker,
    folder: async () => fixtureFolder("embedder"),
    prepare({ weights, network }) {
      const data = Float32Array.from({ length: network.vocabulary }, (_, id) => Math.sin(id));
      weights.set(RARITY, { dims: [network.vocabulary, 1], data });
    },
    rows: async () => byTransformers.pairs.map((ids) => ({ ids })),
    logits: byTransformers.embedder.matches,
  },
];

const known = (families: readonly { reads: string }[]) => families.map(({ reads }) => reads).join(" or ");

for (const each of embedders) embedderSuite(each);
for (const each of rerankers) rerankerSuite(each);

describe("the tables of families", () => {
  it("have a case of the conformance suite for each row", () => {
    for (const row of EMBEDDERS) expect(embedders.map(({ family }) => family)).toContain(row);
    for (const row of RERANKERS) expect(rerankers.map(({ family }) => family)).toContain(row);
  });

  it("choose the first family that matches a folder: its own weights before an export", async () => {
    const first = async (dir: string) => {
      const folder = await lookAt(dir);
      for (const family of RERANKERS) if (await family.matches(folder)) return family;
      return null;
    };
    for (const { family, folder } of rerankers) expect(await first(await folder())).toBe(family);
    const both = await tinyFolder();
    const model = new URL("exports/distilbert/model.onnx", references);
    await writeFile(join(both, "model.onnx"), await readFile(model));
    expect(await first(both)).toBe(bertReranker);
    await rm(join(both, "model.safetensors"));
    expect(await first(both)).toBe(exportedReranker);
  });

  it("refuse a model of unknown family, naming the known ones, and a folder that does not state its family", async () => {
    const folder = await tinyFolder();
    const config = join(folder, "config.json");
    await writeFile(config, '{ "model_type": "gpt2" }');
    expect(known(RERANKERS)).toContain('model_type "roberta" or "xlm-roberta" or model_type "distilbert"');
    const refusal = { code: "BadModel", message: `${config}: expected ${known(EMBEDDERS)}, got "gpt2"` };
    await expect(openEmbedder(folder)).rejects.toMatchObject(refusal);
    await expect(describeEmbedder(folder)).rejects.toMatchObject(refusal);
    await expect(openBaseModel(folder, 1)).rejects.toMatchObject({
      code: "BadModel",
      message: `${config}: expected ${known(RERANKERS)}, got "gpt2"`,
    });
    await writeFile(config, "{");
    const openers = [openEmbedder, (dir: string) => openBaseModel(dir, 1)];
    for (const open of openers) await expect(open(folder)).rejects.toThrow("config.json cannot be read");
    await rm(config);
    for (const open of openers)
      await expect(open(folder)).rejects.toMatchObject({ code: "BadModel", message: /config\.json cannot be read/ });
  });
});

describe("an embedder that reads texts differently", () => {
  it("has other vectors and another digest than a plain one with the same files", async () => {
    const folder = await lookAt(await tinyFolder());
    const [plain, own] = [await bertEmbedder.describe(folder), await prefixed.describe(folder)];
    expect(own.modelDigest).not.toBe(plain.modelDigest);
    expect([plain.limits, own.limits]).toEqual([{ maxTokens: 64 }, { maxTokens: 16 }]);
    const unprefixed = { ...READING, prefixes: { questions: "", passages: "" } };
    const [by, bare] = [await prefixed.open(folder, {}), await openBertEmbedder(folder, unprefixed, {})];
    expect(await by.embed({ questions: ["a pod"], passages: ["a node"] })).toEqual(
      await bare.embed({ passages: ["what is a job a pod", "the service a node"] }),
    );
    await Promise.all([by.close(), bare.close()]);
  });
});
