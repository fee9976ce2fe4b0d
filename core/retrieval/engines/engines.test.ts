import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexMeta } from "../../artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import { quietContext } from "../../base/progress.ts";
import { randomVectors, writeEmbedDir } from "../../stages/testing/embedFixture.ts";
import { openVectorIndex, verifyIndex } from "../openIndex.ts";
import { recallAgainstExact } from "../recall.ts";
import { exactEngine, openExact, searchExact } from "./exact.ts";
import { buildFaissFile, faissEngine, loadFaiss, openFaissFile } from "./faiss.ts";
import { checkIndexFile, setHnswBreadth, writeFlatFile } from "./faissFile.ts";
import { ENGINES, engineToBuild, engineToOpen } from "./index.ts";
import { engineSuite } from "./testing/engineSuite.ts";
import { weaviateEngine } from "./weaviateIndex.ts";

const [COUNT, DIM] = [3000, 24];
const values = randomVectors(COUNT, DIM);
const addon = await loadFaiss();
let home = "";
let vectors: Vectors;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "vectors-"));
  const half = (COUNT / 2) * DIM;
  const second = await writeEmbedDir(join(home, "b"), values.slice(half), DIM, COUNT / 2);
  vectors = await openVectors([second, await writeEmbedDir(join(home, "a"), values.slice(0, half), DIM)]);
});
afterAll(async () => {
  vectors.close();
  await rm(home, { recursive: true });
});

function queries(count: number): Float32Array[] {
  const matrix = randomVectors(count, DIM, 99);
  return Array.from({ length: count }, (_, q) => matrix.slice(q * DIM, (q + 1) * DIM));
}

describe("exact search", () => {
  it("finds the rows of highest inner product, best first", async () => {
    const query = queries(1)[0]!;
    const all = Array.from({ length: COUNT }, (_, p) => ({ p, s: vectors.dot(p, query) })).sort((a, b) => b.s - a.s);
    const found = await openExact(vectors).search(query, 10);
    expect([...found.positions]).toEqual(all.slice(0, 10).map((hit) => hit.p));
    expect(found.scores[0]).toBeCloseTo(all[0]!.s, 6);
    expect(searchExact(vectors, [query], 10)[0]).toEqual(found);
  });
});

describe("index files", () => {
  it("rejects a file of another kind, size or corpus before native code reads it", async () => {
    const path = join(home, "flat.faiss");
    writeFlatFile(path, vectors);
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).not.toThrow();
    expect(() => checkIndexFile(path, "hnsw", COUNT, DIM)).toThrow(/begins with "IxFI"/);
    expect(() => checkIndexFile(path, "flat", COUNT + 1, DIM)).toThrow(/holds 3000 x 24/);
    await truncate(path, 5000);
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).toThrow(/5000 bytes/);
    await writeFile(path, "hello");
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).toThrow(
      expect.objectContaining({ code: "CorruptArtifact" }),
    );
    expect(() => checkIndexFile(join(home, "no"), "flat", COUNT, DIM)).toThrow(/no such file/);
  });
});

engineSuite(exactEngine, ["flat"]);

describe("the table of engines", () => {
  const server = { kind: "weaviate", url: "http://127.0.0.1:9", prefix: "Winnow", replicas: 1, apiKey: null } as const;

  it("has three; Weaviate's suite runs in tests/vectors, which has a server", () => {
    expect(ENGINES).toEqual([weaviateEngine, faissEngine, exactEngine]);
  });

  it("builds in the configured vector database, else with FAISS, else without it and reports why", async () => {
    expect(await engineToBuild(server)).toEqual({ engine: weaviateEngine, fallback: null });
    const own =
      "faiss" in addon ? { engine: faissEngine, fallback: null } : { engine: exactEngine, fallback: addon.reason };
    expect(await engineToBuild(null)).toEqual(own);
  });

  it("opens indexes of FAISS and plain TypeScript with the engine available here, and a collection in its database", async () => {
    const here = "faiss" in addon ? faissEngine : exactEngine;
    expect([await engineToOpen("faiss"), await engineToOpen("exact")]).toEqual([here, here]);
    expect(await engineToOpen("weaviate")).toBe(weaviateEngine);
    const unknown = { code: "CorruptArtifact", message: /"annoy"; known engines: weaviate, faiss, exact/ };
    await expect(engineToOpen("annoy" as "faiss")).rejects.toMatchObject(unknown);
  });

  it("rejects an index in a vector database if none is configured, and names the setting", async () => {
    const folder = await mkdtemp(join(home, "index-"));
    const { count, dim, modelDigest } = vectors;
    const meta: IndexMeta = { kind: "flat", backend: "weaviate", recallAt100: 1, count, dim, modelDigest };
    await writeFile(join(folder, "meta.json"), JSON.stringify({ ...meta, collection: "abc" }));
    const refusal = { code: "BadInput", message: expect.stringMatching(/collection ..._abc.*set WINNOW_VECTORS/) };
    await expect(openVectorIndex(folder, vectors)).rejects.toMatchObject(refusal);
    await expect(verifyIndex(folder, null)).rejects.toMatchObject(refusal);
  });
});

describe("recallAgainstExact", () => {
  it("is 0 for an index that finds nothing", async () => {
    const none = { positions: new Uint32Array(0), scores: new Float32Array(0) };
    const blind = { ...openExact(vectors), search: async () => none };
    expect(await recallAgainstExact(blind, vectors, 100, 5)).toBe(0);
  });
});

describe.skipIf(!("faiss" in addon))("FAISS", () => {
  const faiss = "faiss" in addon ? addon.faiss : null!;

  engineSuite(faissEngine, ["flat", "hnsw"]);

  it("writes the same flat file as plain TypeScript", async () => {
    const [native, own] = [join(home, "native.faiss"), join(home, "own.faiss")];
    await buildFaissFile(faiss, "flat", vectors, native, quietContext());
    writeFlatFile(own, vectors);
    expect(await readFile(native)).toEqual(await readFile(own));
  });

  it("throws a named error for a file that FAISS cannot read", async () => {
    const path = join(home, "garbled.faiss");
    await buildFaissFile(faiss, "hnsw", vectors, path, quietContext());
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 37), Buffer.alloc(bytes.length - 37)]));
    expect(() => openFaissFile(faiss, "hnsw", path, COUNT, DIM)).toThrow(
      expect.objectContaining({ code: "CorruptArtifact" }),
    );
  });

  it("does not write search parameters into a file of unknown layout", () => {
    const path = join(home, "layout.faiss");
    writeFlatFile(path, vectors);
    expect(() => setHnswBreadth(path, 120, 256)).toThrow(/no HNSW parameters/);
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).not.toThrow();
  });

  it("stops between blocks when cancelled", async () => {
    const ctx = { progress: () => {}, signal: AbortSignal.abort() };
    const building = buildFaissFile(faiss, "flat", vectors, join(home, "x.faiss"), ctx);
    await expect(building).rejects.toMatchObject({ code: "Cancelled" });
  });
});
