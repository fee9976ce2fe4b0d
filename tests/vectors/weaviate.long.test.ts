import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IndexKind, IndexMeta } from "../../core/artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../../core/artifacts/vectors.ts";
import type { VectorServer } from "../../core/base/compute.ts";
import { writeJsonLines } from "../../core/base/jsonl.ts";
import { quietContext } from "../../core/base/progress.ts";
import { engineSuite } from "../../core/retrieval/engines/testing/engineSuite.ts";
import { Weaviate } from "../../core/retrieval/engines/weaviate.ts";
import {
  buildWeaviateIndex,
  collectionName,
  openWeaviateIndex,
  weaviateEngine,
} from "../../core/retrieval/engines/weaviateIndex.ts";
import { verifyIndex } from "../../core/retrieval/openIndex.ts";
import { openRetriever } from "../../core/retrieval/retriever.ts";
import { randomVectors, writeEmbedDir } from "../../core/stages/testing/embedFixture.ts";
import { buildIndex } from "../../core/stages/work/buildIndex.ts";
import { doomedCollections, dropCollection } from "../../core/upkeep/collections.ts";
import { startWeaviate, type WeaviateProcess } from "./server.ts";

const [COUNT, DIM] = [2300, 16];

let weaviate: WeaviateProcess;
let server: VectorServer;
const home = mkdtempSync(join(tmpdir(), "winnow-weaviate-test-"));

beforeAll(async () => {
  weaviate = await startWeaviate();
  server = weaviate.server;
});
afterAll(async () => {
  await weaviate?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function some(seed: number, count = COUNT): Promise<Vectors> {
  return openVectors([await writeEmbedDir(join(home, `${seed}-${count}`), randomVectors(count, DIM, seed), DIM)]);
}

function metaOf(vectors: Vectors, collection: string, kind: IndexKind = "hnsw"): IndexMeta {
  const { count, dim, modelDigest } = vectors;
  return { kind, backend: "weaviate", recallAt100: 1, count, dim, modelDigest, collection };
}

async function names(): Promise<string[]> {
  return (await new Weaviate(server).list()).map((collection) => collection.class);
}

/** Expects that each vector is found by itself, and that there are no others. */
async function holdsExactly(vectors: Vectors, collection: string): Promise<void> {
  expect(await new Weaviate(server).count(collectionName(server, collection))).toBe(vectors.count);
  const index = await openWeaviateIndex(server, metaOf(vectors, collection));
  const lost: number[] = [];
  for (let row = 0; row < vectors.count; row++)
    if ((await index.search(vectors.read(row, 1), 1)).positions[0] !== row) lost.push(row);
  expect(lost).toEqual([]);
}

/** A signal that aborts after this number of batches. */
function stopAfter(batches: number) {
  const stop = new AbortController();
  let seen = 0;
  return { signal: stop.signal, progress: () => void (++seen === batches && stop.abort()) };
}

engineSuite(weaviateEngine, ["flat", "hnsw"], () => server);

describe("a build on Weaviate", () => {
  test("of the same vectors returns the same collection and writes nothing; other vectors or another kind get another one", async () => {
    const vectors = await some(1);
    const first = await buildWeaviateIndex(server, "hnsw", vectors, quietContext());
    const written: number[] = [];
    const context = { ...quietContext(), progress: ({ step }: { step: number }) => void written.push(step) };
    expect(await buildWeaviateIndex(server, "hnsw", vectors, context)).toBe(first);
    expect(written).toEqual([]);
    const others = [
      await buildWeaviateIndex(server, "hnsw", await some(2), quietContext()),
      await buildWeaviateIndex(server, "flat", vectors, quietContext()),
    ];
    expect(new Set([first, ...others]).size).toBe(3);
  });

  test("that was cancelled cannot be opened, and the next one starts again", async () => {
    const vectors = await some(3);
    const before = await names();
    const broken = buildWeaviateIndex(server, "hnsw", vectors, stopAfter(2));
    await expect(broken).rejects.toMatchObject({ code: "Cancelled" });
    const [half] = (await names()).filter((name) => !before.includes(name));
    const collection = half!.split("_")[1]!;
    await expect(openWeaviateIndex(server, metaOf(vectors, collection))).rejects.toMatchObject({
      code: "CorruptArtifact",
      message: expect.stringMatching(/never completed: run the pipeline again/),
    });
    expect(await buildWeaviateIndex(server, "hnsw", vectors, quietContext())).toBe(collection);
    await holdsExactly(vectors, collection);
  });

  test("during which the server is killed fails with a retryable error, and a retry completes it", async () => {
    const vectors = await some(4);
    const killing = {
      ...quietContext(),
      progress: ({ step }: { step: number }) => void (step === 1000 && weaviate.kill()),
    };
    await expect(buildWeaviateIndex(server, "hnsw", vectors, killing)).rejects.toMatchObject({
      code: "VectorServerUnavailable",
      message: expect.stringMatching(/WINNOW_VECTORS/),
    });
    await weaviate.restart();
    await holdsExactly(vectors, await buildWeaviateIndex(server, "hnsw", vectors, quietContext()));
  });

  test("by two attempts at once completes or asks for a retry, and never mixes", async () => {
    const vectors = await some(5);
    const both = [1, 2].map(() => buildWeaviateIndex(server, "hnsw", vectors, quietContext()));
    for (const attempt of await Promise.allSettled(both))
      if (attempt.status === "rejected") expect(attempt.reason).toMatchObject({ code: "VectorServerUnavailable" });
    await holdsExactly(vectors, await buildWeaviateIndex(server, "hnsw", vectors, quietContext()));
  });

  test("with more replicas than the server has nodes is refused with the server's reason", async () => {
    const building = buildWeaviateIndex({ ...server, replicas: 3 }, "hnsw", await some(6, 10), quietContext());
    await expect(building).rejects.toMatchObject({ code: "VectorServerRefused", message: /replicas|nodes/ });
  });
});

describe("an index on Weaviate", () => {
  test("whose collection is missing, or was made with other settings, is refused by name", async () => {
    const vectors = await some(7, 10);
    const collection = await buildWeaviateIndex(server, "flat", vectors, quietContext());
    await expect(openWeaviateIndex(server, metaOf(vectors, collection, "hnsw"))).rejects.toMatchObject({
      code: "VectorServerRefused",
      message: expect.stringMatching(new RegExp(`${collection} .* is "flat none distance dot`)),
    });
    await dropCollection(server, collectionName(server, collection));
    await dropCollection(server, collectionName(server, collection));
    await expect(openWeaviateIndex(server, metaOf(vectors, collection, "flat"))).rejects.toMatchObject({
      code: "MissingArtifact",
      message: expect.stringMatching(/run the pipeline again/),
    });
  });

  test("survives the server's restart", async () => {
    const vectors = await some(8);
    const collection = await buildWeaviateIndex(server, "hnsw", vectors, quietContext());
    const index = await openWeaviateIndex(server, metaOf(vectors, collection));
    await weaviate.kill();
    await expect(index.search(vectors.read(0, 1), 5)).rejects.toMatchObject({ code: "VectorServerUnavailable" });
    await weaviate.restart();
    expect((await index.search(vectors.read(5, 1), 5)).positions[0]).toBe(5);
    await holdsExactly(vectors, collection);
  });
});

describe("with a vector database named", () => {
  const ingestDir = join(home, "ingest");
  const embedDirs = [join(home, "embed")];
  const values = randomVectors(400, DIM, 11);
  const embedder = { dim: DIM, modelDigest: "d".repeat(64), embed: async () => values.slice(0, DIM) };
  const build = (outDir: string, vectors: VectorServer | null = null) =>
    buildIndex({ passagesDir: ingestDir, embedDirs, outDir }, quietContext({ vectors }));

  beforeAll(async () => {
    mkdirSync(ingestDir);
    const passages = Array.from({ length: 400 }, (_, at) => ({
      ...{ id: `p${at}`, page: "a.md", heading: ["Page"], url: "/", lines: [at, at], text: `word${at}` },
    }));
    await writeJsonLines(join(ingestDir, "passages.jsonl"), passages);
    await writeEmbedDir(embedDirs[0]!, values, DIM);
  });

  test("build-index fills a collection, and retrieval returns the same passages as with FAISS", async () => {
    const [here, there] = [join(home, "here"), join(home, "there")];
    await build(here);
    expect(await build(there, server)).toMatchObject({
      backend: "weaviate",
      kind: "flat",
      recallAt100: 1,
      fallback: null,
    });
    expect(readdirSync(there).sort()).toEqual(["bm25.bin", "bm25.json", "meta.json"]);
    const found = async (buildIndexDir: string) => {
      const retriever = await openRetriever({ ingestDir, embedDirs, buildIndexDir, embedder, vectors: server });
      const candidates = await retriever.retrieve("word7 word123", 50);
      retriever.close();
      return candidates;
    };
    // An index built with FAISS stays with FAISS, whatever database is named now.
    expect(await found(there)).toEqual(await found(here));
    await verifyIndex(there, server);
    await expect(openRetriever({ ingestDir, embedDirs, buildIndexDir: there, embedder })).rejects.toMatchObject({
      code: "BadInput",
      message: expect.stringMatching(/set WINNOW_VECTORS/),
    });
  });

  test("gc deletes only old collections under the prefix that no index needs", async () => {
    const own: VectorServer = { ...server, prefix: "Collected" };
    const needed = join(home, "needed");
    await build(needed, own);
    await buildWeaviateIndex(own, "flat", await some(12, 20), quietContext());
    await buildWeaviateIndex(server, "flat", await some(12, 20), quietContext());
    await new Weaviate(server).create({
      ...{ class: "Collected_notes", description: "somebody's own", vectorizer: "none", vectorIndexType: "flat" },
      ...{ vectorIndexConfig: { distance: "dot" }, replicationConfig: { factor: 1 } },
    });
    expect((await doomedCollections(own, [needed], 1)).names).toEqual([]);
    const { names: doomed } = await doomedCollections(own, [needed], 0);
    expect(doomed).toEqual([expect.stringMatching(/^Collected_[0-9a-f]{32}$/)]);
    const before = await names();
    await dropCollection(own, doomed[0]!);
    expect((await names()).sort()).toEqual(before.filter((name) => name !== doomed[0]).sort());
    await verifyIndex(needed, own);
  });
});

test("a server that requires a key refuses without it, names the setting, and works with it", async () => {
  const guarded = await startWeaviate("a-key");
  try {
    const vectors = await some(13, 10);
    const without = buildWeaviateIndex({ ...guarded.server, apiKey: null }, "flat", vectors, quietContext());
    await expect(without).rejects.toMatchObject({
      code: "VectorServerRefused",
      message: expect.stringMatching(/WINNOW_VECTORS_API_KEY/),
    });
    expect(await buildWeaviateIndex(guarded.server, "flat", vectors, quietContext())).toMatch(/^[0-9a-f]{32}$/);
  } finally {
    await guarded.stop();
  }
});
