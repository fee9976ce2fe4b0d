import { mkdtempSync, rmSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readIndexMeta } from "../../core/artifacts/searchIndex.ts";
import { openVectors } from "../../core/artifacts/vectors.ts";
import type { VectorServer } from "../../core/base/compute.ts";
import { quietContext } from "../../core/base/progress.ts";
import { buildRemoteCorpus, measureRecall } from "../../core/retrieval/corpora/build.ts";
import { verifyCorpus } from "../../core/retrieval/corpora/index.ts";
import {
  corpusSuite,
  QUESTIONS,
  rankingsOf,
  somePassages,
  textEmbedder,
  writeCorpus,
} from "../../core/retrieval/corpora/testing/corpusSuite.ts";
import { Weaviate } from "../../core/retrieval/engines/weaviate.ts";
import { openRetriever } from "../../core/retrieval/retriever.ts";
import { buildIndex } from "../../core/stages/work/buildIndex.ts";
import { doomedCollections, dropCollection } from "../../core/upkeep/collections.ts";
import { startWeaviate, type WeaviateProcess } from "./server.ts";

const EXACT = { USE_BLOCKMAX_WAND: "false" };

const home = mkdtempSync(join(tmpdir(), "winnow-search-test-"));
let nodes: WeaviateProcess[] = [];
let server: VectorServer;
const embedder = textEmbedder();

beforeAll(async () => {
  nodes = await Promise.all([0, 1, 2].map(() => startWeaviate(null, EXACT)));
  server = searchOn(nodes);
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  rmSync(home, { recursive: true, force: true });
});

function searchOn(some: WeaviateProcess[], prefix = "Winnow", replicas = 2, shards = 3): VectorServer {
  const urls = some.map((node) => node.server.url);
  return { kind: "weaviate", url: urls[0]!, prefix, replicas, apiKey: null, corpus: { urls, shards } };
}

/** Objects on each node, by collection. */
async function held(node: WeaviateProcess): Promise<Record<string, number>> {
  const client = new Weaviate(node.server);
  const names = (await client.list()).map((collection) => collection.class).filter((name) => !name.endsWith("probe"));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await client.count(name)] as const)));
}

/** A corpus with its home index, whose rankings every other place must give. */
async function corpusOf(name: string, count: number, seed: number) {
  const folder = join(home, name);
  const dirs = await writeCorpus(folder, somePassages(count, seed));
  const args = { passagesDir: dirs.ingestDir, embedDirs: dirs.embedDirs };
  const build = (outDir: string, vectors: VectorServer | null, ctx = quietContext({ vectors })) =>
    buildIndex({ ...args, outDir }, { ...ctx, compute: { vectors } });
  const rankings = async (buildIndexDir: string, vectors: VectorServer | null) => {
    const retriever = await openRetriever({ ...dirs, buildIndexDir, embedder, vectors });
    try {
      return await rankingsOf(retriever, QUESTIONS);
    } finally {
      retriever.close();
    }
  };
  const here = join(folder, "here");
  await build(here, null);
  return { dirs, build, rankings, there: join(folder, "there"), wanted: await rankings(here, null) };
}

corpusSuite("on three search servers", () => server);
corpusSuite("in one shard on one server", () => searchOn([nodes[0]!], "Single", 1, 1));

describe("a corpus on three search servers, each passage on two", () => {
  let corpus: Awaited<ReturnType<typeof corpusOf>>;
  beforeAll(async () => {
    corpus = await corpusOf("main", 900, 2);
    await corpus.build(corpus.there, server);
  });

  test("is not in the artifact, and gives the rankings of home", async () => {
    const { there, wanted, rankings } = corpus;
    const meta = await readIndexMeta(there);
    expect(meta).toMatchObject({ backend: "weaviate", kind: "flat", passages: 900, recallAt100: 1 });
    expect(await rankings(there, server)).toEqual(wanted);
    for (const node of nodes) {
      const sizes = Object.entries(await held(node)).filter(([name]) => name.includes(meta.collection!));
      expect(sizes.map(([, size]) => size).sort()).toEqual([300, 300, 360, 360]);
    }
  });

  test("answers alike while any one server is dead, and again once it is back", async () => {
    const { there, dirs, wanted } = corpus;
    const retriever = await openRetriever({ ...dirs, buildIndexDir: there, embedder, vectors: server });
    for (const node of nodes) {
      await node.kill();
      expect(await rankingsOf(retriever, QUESTIONS)).toEqual(wanted);
      const opened = await openRetriever({ ...dirs, buildIndexDir: there, embedder, vectors: server });
      expect(await rankingsOf(opened, QUESTIONS)).toEqual(wanted);
      await node.restart();
      expect(await rankingsOf(opened, QUESTIONS)).toEqual(wanted);
      opened.close();
    }
    retriever.close();
  });

  test("answers alike while a server is killed in the middle of questions", async () => {
    const { there, dirs, wanted } = corpus;
    const retriever = await openRetriever({ ...dirs, buildIndexDir: there, embedder, vectors: server });
    const asking = Promise.all(Array.from({ length: 8 }, () => rankingsOf(retriever, QUESTIONS)));
    setTimeout(() => void nodes[1]!.kill(), 150);
    for (const rankings of await asking) expect(rankings).toEqual(wanted);
    await nodes[1]!.restart();
    retriever.close();
  });

  test("waits for a server that hangs no longer than it takes to ask another", async () => {
    const { there, dirs } = corpus;
    const retriever = await openRetriever({ ...dirs, buildIndexDir: there, embedder, vectors: server });
    const vector = await retriever.embedQuestion("pods");
    nodes[2]!.pause();
    try {
      const started = performance.now();
      await retriever.retrieveWithVector("pods", vector, 30);
      expect(performance.now() - started).toBeLessThan(10_000);
      const again = performance.now();
      await retriever.retrieveWithVector("pods", vector, 30);
      expect(performance.now() - again).toBeLessThan(2_000);
    } finally {
      nodes[2]!.resume();
      retriever.close();
    }
  });

  test("is refused when both servers of a passage are dead, and the error names the setting", async () => {
    const { there, dirs } = corpus;
    const retriever = await openRetriever({ ...dirs, buildIndexDir: there, embedder, vectors: server });
    await Promise.all([nodes[0]!.kill(), nodes[1]!.kill()]);
    const refusal = { code: "VectorServerUnavailable", message: expect.stringMatching(/WINNOW_SEARCH/) };
    await expect(rankingsOf(retriever, QUESTIONS)).rejects.toMatchObject(refusal);
    await expect(openRetriever({ ...dirs, buildIndexDir: there, embedder, vectors: server })).rejects.toMatchObject(
      refusal,
    );
    await Promise.all([nodes[0]!.restart(), nodes[1]!.restart()]);
    retriever.close();
    await expect(openRetriever({ ...dirs, buildIndexDir: there, embedder })).rejects.toMatchObject({
      code: "BadInput",
      message: expect.stringMatching(/set WINNOW_SEARCH/),
    });
  });

  test("answers alike when a server lost its disk or some objects, and the next build restores it", async () => {
    const { there, wanted, build, rankings } = corpus;
    await nodes[0]!.wipe();
    expect(await rankings(there, server)).toEqual(wanted);
    await expect(verifyCorpus(there, server)).rejects.toMatchObject({ code: "MissingArtifact" });
    const kept = await held(nodes[1]!);
    await build(join(home, "main", "again"), server);
    await verifyCorpus(there, server);
    expect(await held(nodes[1]!)).toEqual(kept);
    expect(await rankings(there, server)).toEqual(wanted);

    const { collection } = await readIndexMeta(there);
    for (const part of ["windows", "passages"]) {
      const url = `${nodes[0]!.server.url}/v1/objects/Winnow_${collection}_0_${part}/00000000-0000-0000-0000-000000000003`;
      expect((await fetch(url, { method: "DELETE" })).status).toBe(204);
    }
    expect(await rankings(there, server)).toEqual(wanted);
    await expect(verifyCorpus(there, server)).rejects.toMatchObject({ code: "CorruptArtifact" });
    await build(join(home, "main", "third"), server);
    await verifyCorpus(there, server);
  });
});

describe("a build on search servers", () => {
  test("finds the nearest with HNSW over all shards, also while a server is dead", async () => {
    const own = searchOn(nodes, "Approximate", 2, 6);
    const { ingestDir, embedDirs } = await writeCorpus(join(home, "approximate"), somePassages(4_000, 9));
    const folder = join(home, "approximate", "there");
    const vectors = await openVectors(embedDirs);
    const ctx = quietContext({ vectors: own });
    const meta = await buildRemoteCorpus(own, ingestDir, vectors, folder, ctx, "hnsw");
    expect(meta).toMatchObject({ kind: "hnsw", count: 4_800 });
    expect(meta.recallAt100).toBeGreaterThan(0.95);
    for (const node of nodes) {
      await node.kill();
      expect(await measureRecall(own, ingestDir, vectors, folder, meta)).toBeGreaterThan(0.95);
      await node.restart();
    }
    vectors.close();
  });

  test("leaves shards empty where passages are few", async () => {
    const own = searchOn(nodes, "Few");
    const { build, rankings, there, wanted } = await corpusOf("few", 2, 8);
    await build(there, own);
    await verifyCorpus(there, own);
    expect(await rankings(there, own)).toEqual(wanted);
  });

  test("that stops goes on with the shards it was at, and cannot be opened before", async () => {
    const { build, wanted, rankings, there } = await corpusOf("stopped", 900, 3);
    const own = searchOn(nodes, "Stopped", 2, 6);
    const stop = new AbortController();
    const late = ({ note }: { note?: string }) => void (note?.startsWith("vectors in shards 4, 5, 6") && stop.abort());
    const ctx = { ...quietContext({ vectors: own }), signal: stop.signal, progress: late };
    await expect(build(there, own, ctx as never)).rejects.toMatchObject({ code: "Cancelled" });
    const client = new Weaviate(nodes[0]!.server);
    const [first] = (await client.list())
      .map((found) => found.class)
      .filter((name) => /^Stopped_.*_0_windows$/.test(name));
    const found = (await client.find(first!))!;
    const before = JSON.parse(found.description);
    expect(before).toMatchObject({ complete: true });
    await client.describe(found, JSON.stringify({ ...before, kept: true }));
    await build(there, own);
    const after = JSON.parse((await client.find(first!))!.description);
    expect(after).toMatchObject({ complete: true, kept: true });
    expect(Date.parse(after.created)).toBeGreaterThan(Date.parse(before.created));
    expect(await rankings(there, own)).toEqual(wanted);
  });

  test("during which a server is killed asks for a retry, which loses nothing", async () => {
    const { build, wanted, rankings, there } = await corpusOf("killed", 900, 4);
    const own = searchOn(nodes, "Killed");
    for (const node of [nodes[1]!, nodes[0]!]) {
      let once = true;
      const progress = ({ note }: { note?: string }) => {
        if (once && note?.startsWith("vectors in shards 1, 2, 3")) void node.kill();
        if (note?.startsWith("vectors in shards")) once = false;
      };
      await expect(build(there, own, { ...quietContext({ vectors: own }), progress } as never)).rejects.toMatchObject({
        code: "VectorServerUnavailable",
        message: expect.stringMatching(/WINNOW_SEARCH/),
      });
      await node.restart();
    }
    await build(there, own);
    expect(await rankings(there, own)).toEqual(wanted);
  });

  test("leaves what other releases need to gc, which removes the rest on every server", async () => {
    const own = searchOn(nodes, "Collected");
    const { build, there, dirs } = await corpusOf("collected", 60, 5);
    await build(there, own);
    const other = join(home, "other");
    await mkdir(other);
    await (await corpusOf("collected2", 60, 6)).build(other, own);
    const keep = join(home, "keep");
    await cp(there, keep, { recursive: true });
    const doomed = await doomedCollections(own, [keep], 0);
    expect(doomed.unavailable.size).toBe(0);
    expect(doomed.names).toHaveLength(6);
    for (const name of doomed.names) await dropCollection(own, name);
    await verifyCorpus(there, own);
    await expect(verifyCorpus(other, own)).rejects.toMatchObject({ code: "MissingArtifact" });
    await expect(openRetriever({ ...dirs, buildIndexDir: other, embedder, vectors: own })).rejects.toMatchObject({
      code: "MissingArtifact",
      message: expect.stringMatching(/run the pipeline again/),
    });
  });

  test("refuses a server whose text search loses passages, and says how to start it", async () => {
    const usual = await startWeaviate();
    try {
      const { build, there } = await corpusOf("lossy", 30, 7);
      await expect(build(there, searchOn([usual], "Winnow", 1, 1))).rejects.toMatchObject({
        code: "VectorServerRefused",
        message: expect.stringMatching(/USE_BLOCKMAX_WAND=false/),
      });
    } finally {
      await usual.stop();
    }
  });
});
