import { cp, mkdir, mkdtemp, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../safetensors.ts";
import { openEmbedder } from "../index.ts";

const fixtures = fileURLToPath(new URL("../fixtures/embedders", import.meta.url));
const TEXT = "the pod runs a container in a node";

async function copyOf(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-static-"));
  await cp(join(fixtures, name), folder, { recursive: true });
  return folder;
}

interface TokenizerFile {
  model: { vocab: Record<string, number> };
  added_tokens: { content: string }[];
  post_processor: unknown;
}

async function changeJson<T>(file: string, change: (content: T) => void): Promise<void> {
  const content: T = JSON.parse(await readFile(file, "utf8"));
  change(content);
  await writeFile(file, JSON.stringify(content));
}

async function vectorOf(folder: string, text = TEXT): Promise<Float32Array> {
  const embedder = await openEmbedder(folder);
  const vector = await embedder.embed({ passages: [text] });
  await embedder.close();
  return vector;
}

describe("a look-up table", () => {
  it("needs no special tokens in its tokenizer", async () => {
    const folder = await copyOf("static");
    const expected = await vectorOf(folder);
    await changeJson<TokenizerFile>(join(folder, "tokenizer.json"), (tokenizer) => {
      for (const token of ["[CLS]", "[SEP]"]) delete tokenizer.model.vocab[token];
      tokenizer.added_tokens = tokenizer.added_tokens.filter(({ content }) => !/CLS|SEP/.test(content));
      tokenizer.post_processor = null;
    });
    expect(await vectorOf(folder)).toEqual(expected);
  });

  it("may lie in a folder of its own, under model2vec's name", async () => {
    const folder = await copyOf("static");
    const expected = await vectorOf(folder);
    await mkdir(join(folder, "0_StaticEmbedding"));
    for (const file of ["tokenizer.json", "model.safetensors"]) {
      await rename(join(folder, file), join(folder, "0_StaticEmbedding", file));
    }
    await changeJson<[{ path: string }]>(join(folder, "modules.json"), ([module]) => {
      module.path = "0_StaticEmbedding";
    });
    const weights = join(folder, "0_StaticEmbedding", "model.safetensors");
    const [table] = (await readSafetensors(weights)).values();
    await writeSafetensors(weights, new Map([["embeddings", table!]]));
    expect(await vectorOf(folder)).toEqual(expected);
  });

  it("gives zeros for a text without tokens, so that its cosine is zero, not NaN", async () => {
    expect([...(await vectorOf(await copyOf("static"), ""))]).toEqual(new Array(16).fill(0));
  });

  it("with a weight that is not a number is refused when a text needs it", async () => {
    const folder = await copyOf("static");
    const file = join(folder, "model.safetensors");
    const tensors = await readSafetensors(file);
    for (const { data } of tensors.values()) data.fill(Number.NaN);
    await writeSafetensors(file, tensors);
    await expect(vectorOf(folder)).rejects.toMatchObject({
      code: "BadModel",
      message: expect.stringMatching(/not numbers; the weights are damaged/),
    });
  });

  it("without a table is refused, naming the tensors that it has", async () => {
    const folder = await copyOf("static");
    await writeSafetensors(
      join(folder, "model.safetensors"),
      new Map([["other", { dims: [1], data: Float32Array.of(1) }]]),
    );
    await expect(openEmbedder(folder)).rejects.toMatchObject({
      code: "BadModel",
      message: expect.stringMatching(/expected a table embedding\.weight or embeddings, got other/),
    });
  });
});

describe("an embedder whose tokenizer is another model's", () => {
  it.each(["cls", "static"])("is refused: %s", async (name) => {
    const folder = await copyOf(name);
    const file = join(folder, "tokenizer.json");
    const tokenizer = JSON.parse(await readFile(file, "utf8"));
    tokenizer.model.vocab.intruder = 5000;
    await writeFile(file, JSON.stringify(tokenizer));
    const refusal = { code: "BadModel", message: expect.stringMatching(/its ids go up to 5000.*another model/) };
    await expect(openEmbedder(folder)).rejects.toMatchObject(refusal);
  });
});
