import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Passage } from "../../../contracts/passage.ts";
import { writeJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import type { Embedder } from "../../models/embedder.ts";
import { cacheName } from "../../retrieval/embeddingCache.ts";
import { WORTH_JUDGING } from "../../retrieval/embedPrecision.ts";
import { type EmbeddingModel, embedPassages } from "./embedPassages.ts";

const DIM = 4;
const precise = { precision: "float32" } as const;
let home = "";

/** Encodes a text's length and first letter in its vector, and counts the calls. */
function countingEmbedder(asked: string[], failAfter = Number.POSITIVE_INFINITY): Embedder {
  return {
    id: "counting",
    dim: DIM,
    modelDigest: "a".repeat(64),
    limits: { maxTokens: 256 },
    async embed({ passages: texts = [] }) {
      if (asked.length + texts.length > failAfter) throw new Error("killed");
      asked.push(...texts);
      return Float32Array.from(texts.flatMap((text) => [text.length, text.charCodeAt(0), 1, 0]));
    },
    async close() {},
  };
}

let opened = 0;

function modelOf(embedder: Embedder, usable: EmbeddingModel["usable"] = async (asked) => asked): EmbeddingModel {
  return {
    usable,
    describe: async () => embedder,
    async open() {
      opened++;
      return embedder;
    },
  };
}

function passage(text: string): Passage {
  return { id: text, page: "p.md", heading: ["P"], url: "/p", lines: [1, 1], text };
}

async function embed(texts: string[], embedder: Embedder, range: { first?: number; last?: number } = {}) {
  const passagesDir = join(home, "ingest");
  await mkdir(passagesDir, { recursive: true });
  await writeJsonLines(join(passagesDir, "passages.jsonl"), texts.map(passage));
  const outDir = join(home, "out");
  const args = { passagesDir, outDir, modelDir: "models/tiny", cacheDir: join(home, "cache"), ...precise, ...range };
  const report = await embedPassages(args, quietContext(), modelOf(embedder));
  const bytes = await readFile(join(outDir, "vectors.f32"));
  return { report, vectors: new Float32Array(Uint8Array.from(bytes).buffer) };
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "embed-"));
});
afterEach(() => rm(home, { recursive: true }));

describe("embedPassages", () => {
  it("writes one row per passage in order, and embeds equal texts once", async () => {
    const asked: string[] = [];
    const { report, vectors } = await embed(["one", "three", "one"], countingEmbedder(asked));
    expect(asked).toHaveLength(2);
    expect(report).toMatchObject({ count: 3, dim: DIM, embedded: 2, cached: 1 });
    expect(vectors).toHaveLength(3 * DIM);
    expect(vectors[DIM]! - vectors[0]!).toBe("three".length - "one".length);
    expect(vectors.slice(2 * DIM)).toEqual(vectors.slice(0, DIM));
    const meta = JSON.parse(await readFile(join(home, "out", "meta.json"), "utf8"));
    expect(meta).toEqual({ count: 3, dim: DIM, model: "tiny", modelDigest: "a".repeat(64), ...precise, first: 0 });
  });

  it("embeds only what changed", async () => {
    const before = await embed(["one", "two", "three"], countingEmbedder([]));
    const asked: string[] = [];
    const after = await embed(["one", "new", "three"], countingEmbedder(asked));
    expect(asked).toEqual([expect.stringContaining("new")]);
    expect(after.report).toMatchObject({ embedded: 1, cached: 2 });
    expect(after.vectors.slice(2 * DIM)).toEqual(before.vectors.slice(2 * DIM));
  });

  it("does not open the model if every text is cached", async () => {
    const before = await embed(["one", "two", "three"], countingEmbedder([]));
    opened = 0;
    const again = await embed(["three", "one"], countingEmbedder([]));
    expect([opened, again.report]).toMatchObject([0, { count: 2, embedded: 0, cached: 2 }]);
    expect(again.vectors.slice(DIM)).toEqual(before.vectors.slice(0, DIM));
    await embed(["three", "new"], countingEmbedder([]));
    expect(opened).toBe(1);
  });

  it("continues from the saved vectors after a kill", async () => {
    const texts = Array.from({ length: 1200 }, (_, i) => `passage ${i}`);
    await expect(embed(texts, countingEmbedder([], 1100))).rejects.toThrow("killed");
    const asked: string[] = [];
    await embed(texts, countingEmbedder(asked));
    expect(asked).toHaveLength(1200 - 1024);
  });

  it("embeds the texts of a damaged segment again", async () => {
    await embed(["one", "two"], countingEmbedder([]));
    const folder = join(home, "cache", "a".repeat(64));
    const segment = join(folder, (await readdir(folder))[0]!);
    const bytes = await readFile(segment);
    bytes[bytes.length - 40]! ^= 1;
    await writeFile(segment, bytes);
    const asked: string[] = [];
    await embed(["one", "two"], countingEmbedder(asked));
    expect(asked).toHaveLength(2);
    await writeFile(segment, "not a segment");
    await embed(["one", "two"], countingEmbedder(asked));
    expect(asked).toHaveLength(4);
  });

  it("embeds a range of the corpus and refuses an empty one", async () => {
    const { report } = await embed(["one", "two", "three"], countingEmbedder([]), { first: 1, last: 3 });
    expect(report.count).toBe(2);
    expect(JSON.parse(await readFile(join(home, "out", "meta.json"), "utf8")).first).toBe(1);
    await expect(embed(["one"], countingEmbedder([]), { first: 5 })).rejects.toMatchObject({ code: "BadInput" });
  });

  it("never embeds with a twin that the processor computes wrongly, whatever is requested or judged on another of the same name", async () => {
    const texts = Array.from({ length: WORTH_JUDGING }, (_, i) => `passage ${i}`);
    await embed(texts, countingEmbedder([]));
    const args = { passagesDir: join(home, "ingest"), outDir: home, modelDir: "m", cacheDir: join(home, "c2") };
    const saturating = modelOf(countingEmbedder([]), async () => "float32");
    const run = (more: object = {}) => embedPassages({ ...args, ...more }, quietContext(), saturating);
    expect(await run()).toMatchObject({ precision: "float32" });
    expect(await readdir(args.cacheDir)).toEqual(["a".repeat(64)]);
    const twin = join(args.cacheDir, cacheName("a".repeat(64), "int8"));
    await mkdir(twin);
    const verdict = { precision: "int8", processor: cpus()[0]?.model ?? "unknown" };
    await writeFile(join(twin, "precision.json"), JSON.stringify(verdict));
    expect(await run()).toMatchObject({ precision: "float32" });
    expect(await run({ precision: "int8" })).toMatchObject({ precision: "float32" });
    expect(await embedPassages(args, quietContext(), modelOf(countingEmbedder([])))).toMatchObject({
      precision: "int8",
    });
  });

  it("stops when cancelled", async () => {
    await embed(["one"], countingEmbedder([]));
    const args = { passagesDir: join(home, "ingest"), outDir: home, modelDir: "m", cacheDir: join(home, "c2") };
    const ctx = { ...quietContext(), signal: AbortSignal.abort() };
    const run = embedPassages(args, ctx, modelOf(countingEmbedder([])));
    await expect(run).rejects.toMatchObject({ code: "Cancelled" });
  });
});
