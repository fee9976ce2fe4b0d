import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import { type StoredPassage, windowInputs } from "../../docs/windows.ts";
import { writeLongModel } from "../../models/testing/tinyModel.ts";
import { openTokenizer } from "../../models/tokenizer.ts";
import { ingestDocs } from "./ingest.ts";
import { tokenBudget } from "./tokenBudget.ts";

let folder: string;
const at = (name: string) => join(folder, name);

/** A tokenizer folder: the tiny one, with its vocabulary changed and a stated limit. */
async function tokenizer(name: string, limit: number, change = (tokens: Record<string, number>) => tokens) {
  await mkdir(at(name));
  await writeLongModel(at(name));
  const file = join(at(name), "tokenizer.json");
  const { model, ...rest } = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...rest, model: { ...model, vocab: change(model.vocab) } }));
  await writeFile(join(at(name), "sentence_bert_config.json"), JSON.stringify({ max_seq_length: limit }));
}

/** Leaves only letters, so that a word has as many wordpieces as letters. */
function letters(tokens: Record<string, number>): Record<string, number> {
  const specials = Object.keys(tokens).filter((token) => token.startsWith("["));
  const alphabet = [..."abcdefghijklmnopqrstuvwxyz"];
  const all = [...specials, ...alphabet, ...alphabet.map((letter) => `##${letter}`)];
  return Object.fromEntries(all.map((token, id) => [token, id]));
}

describe("the token budget of two models", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-budget-"));
    await tokenizer("words", 512);
    await tokenizer("letters", 512, letters);
    await tokenizer("short", 128);
    await tokenizer("tiny", 64);
    await tokenizer("prefixed", 128);
    const prompts = { query: "how ", document: "what is " };
    await writeFile(join(at("prefixed"), "config_sentence_transformers.json"), JSON.stringify({ prompts }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const budget = (embedder: string, reranker: string) =>
    tokenBudget({ tokenizerDir: at(embedder), rerankerDir: at(reranker) });

  it("counts by the tokenizer that makes more of a text, whichever model it belongs to", async () => {
    for (const [embedder, reranker] of [
      ["words", "letters"],
      ["letters", "words"],
    ] as const) {
      const { count, tokenizers } = await budget(embedder, reranker);
      expect(count("delete the job")).toBe("deletethejob".length);
      expect(count("#")).toBe(1);
      expect(tokenizers).toHaveLength(2);
    }
    const same = await budget("words", "words");
    expect([same.count("delete the job"), same.tokenizers.length]).toEqual([3, 1]);
  });

  it("makes windows that a shorter embedder, or a shorter reranker beside a question, reads whole", async () => {
    expect((await budget("words", "words")).sizes).toEqual({ passage: 448, window: 160 });
    expect((await budget("short", "words")).sizes.window).toBe(126);
    expect((await budget("prefixed", "words")).sizes.window).toBe(124);
    expect((await budget("words", "short")).sizes.window).toBe(128 - 4 - 32);
    expect((await budget("words", "tiny")).sizes.window).toBe(64 - 4 - 16);
  });

  it("keeps every window of the docs inside the reranker's budget, though the embedder counts far fewer", async () => {
    const docs = at("docs");
    await mkdir(docs);
    const lines = Array.from({ length: 60 }, () => "Delete the job on node two.");
    await writeFile(join(docs, "jobs.md"), `# Jobs\n\n${lines.join("\n")}\n`);
    const models = { tokenizerDir: at("words"), rerankerDir: at("letters") };
    await ingestDocs({ source: docs, outDir: at("out"), ...models }, quietContext());
    const passages = await readJsonLines<StoredPassage>(join(at("out"), "passages.jsonl"));
    const byLetters = await openTokenizer(at("letters"));
    const sizes = passages.flatMap(windowInputs).map((text) => byLetters.count(text));
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(160);
    const words = passages.map(({ text }) => text.split(/\s+/).length).reduce((sum, count) => sum + count, 0);
    expect(words).toBe(60 * 6);
  });
});
