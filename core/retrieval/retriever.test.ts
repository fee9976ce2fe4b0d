import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Passage } from "../../contracts/passage.ts";
import { writeJsonLines } from "../base/jsonl.ts";
import { quietContext } from "../base/progress.ts";
import { randomVectors, writeEmbedDir } from "../stages/testing/embedFixture.ts";
import { buildIndex } from "../stages/work/buildIndex.ts";
import { Bm25Index } from "./bm25.ts";
import { loadFaiss } from "./engines/faiss.ts";
import { reciprocalRankFusion } from "./fusion.ts";
import { openRetriever, type Retriever } from "./retriever.ts";

const [COUNT, DIM] = [400, 16];
const WORDS = ["pod", "node", "volume", "probe", "secret", "ingress", "quota", "taint"];
const values = randomVectors(COUNT, DIM);
let home = "";
let dirs = { ingestDir: "", embedDirs: [""], buildIndexDir: "" };
let retriever: Retriever;

function embedder(modelDigest = "d".repeat(64)) {
  return { dim: DIM, modelDigest, embed: async () => values.slice(0, DIM) };
}

function passage(at: number): Passage {
  const text = `${WORDS[at % 8]} ${WORDS[(at >> 3) % 8]} ${WORDS[(at >> 6) % 8]} word${at}`;
  return { id: `p${at}`, page: `${at % 20}.md`, heading: ["Page"], url: "/", lines: [at, at], text };
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "retriever-"));
  dirs = { ingestDir: join(home, "ingest"), embedDirs: [join(home, "e")], buildIndexDir: join(home, "i") };
  await mkdir(dirs.ingestDir);
  const passages = Array.from({ length: COUNT }, (_, at) => passage(at));
  await writeJsonLines(join(dirs.ingestDir, "passages.jsonl"), passages);
  await writeEmbedDir(dirs.embedDirs[0]!, values, DIM);
  const args = { passagesDir: dirs.ingestDir, embedDirs: dirs.embedDirs, outDir: dirs.buildIndexDir };
  const report = await buildIndex(args, quietContext());
  expect(report).toMatchObject({ kind: "flat", count: COUNT, dim: DIM, recallAt100: 1 });
  retriever = await openRetriever({ ...dirs, embedder: embedder() });
});
afterAll(async () => {
  retriever.close();
  await rm(home, { recursive: true });
});

describe("reciprocalRankFusion", () => {
  it("adds 1 / (60 + rank) over the lists, ties by position", () => {
    expect(
      reciprocalRankFusion([
        [7, 3],
        [3, 9],
      ]),
    ).toEqual([
      { position: 3, fused: 1 / 62 + 1 / 61 },
      { position: 7, fused: 1 / 61 },
      { position: 9, fused: 1 / 62 },
    ]);
    expect(reciprocalRankFusion([[5], [2]]).map((hit) => hit.position)).toEqual([2, 5]);
  });
});

describe("Retriever", () => {
  it("gives every candidate both raw scores, even that of a list without it", async () => {
    const found = await retriever.retrieve("word123 quota", 150);
    const best = (await Bm25Index.load(dirs.buildIndexDir)).terms.bestPossible("word123 quota");
    expect(found).toHaveLength(150);
    expect(found.map((hit) => hit.rank)).toEqual(found.map((_, at) => at + 1));
    for (const hit of found) {
      expect(hit.cosine).toBeCloseTo(retriever.scaled(dot(values, 0, hit.position)), 5);
      expect(hit.passage.id).toBe(`p${hit.position}`);
      expect(hit.bm25 > 0).toBe(/quota|word123$/.test(hit.passage.text));
      expect(hit.bm25Share).toBeCloseTo(hit.bm25 / best, 6);
    }
  });

  it("ranks passages in both lists first", async () => {
    const vector = await retriever.embedQuestion("word0");
    expect((await retriever.rankBy("rrf", await retriever.find("word0", vector, 5), 5))[0]).toMatchObject({
      position: 0,
      fused: 2 / 61,
    });
    const [first] = await retriever.rankBy("weighted", await retriever.find("word0", vector, 5), 5);
    expect(first!.position).toBe(0);
    expect(first!.fused).toBeCloseTo(first!.cosine + (0.19 / Math.log(COUNT)) * first!.bm25, 6);
  });

  it("finds passages that share words only with the best ones by feedback, and keeps each passage's own scores", async () => {
    const vector = values.slice(0, DIM);
    const others = async (by: "weighted" | "retrieval") =>
      (await retriever.rankBy(by, await retriever.find("word0", vector, 100), 100)).filter(({ bm25 }) => bm25 === 0);
    const podsIn = (found: Awaited<ReturnType<typeof others>>) =>
      found.filter(({ passage }) => passage.text.includes("pod")).length;
    const [before, after] = [await others("weighted"), await others("retrieval")];
    expect(podsIn(after)).toBeGreaterThan(podsIn(before) + 10);
    for (const hit of after) expect(hit.cosine).toBeCloseTo(retriever.scaled(dot(values, 0, hit.position)), 5);
  });

  it("ranks by a single list, for the ladder", async () => {
    const vector = values.slice(0, DIM);
    const dense = await retriever.rankBy("dense", await retriever.find("word5", vector, 10), 10);
    expect(dense.map((hit) => hit.cosine)).toEqual(dense.map((hit) => hit.cosine).sort((a, b) => b - a));
    expect(dense[0]!.position).toBe(0);
    const lexical = await retriever.rankBy("bm25", await retriever.find("word5", vector, 10), 10);
    expect(lexical.map((hit) => hit.position)).toEqual([5]);
  });

  it("returns the same passages without the addon", async () => {
    const addon = await loadFaiss();
    expect(retriever.backend.backend).toBe("faiss" in addon ? "faiss" : "exact");
    const { openExact } = await import("./engines/exact.ts");
    const { openVectors } = await import("../artifacts/vectors.ts");
    const exact = openExact(await openVectors(dirs.embedDirs));
    const vector = values.slice(DIM, 2 * DIM);
    const native = (await retriever.rankBy("dense", await retriever.find("", vector, 100), 100)).map(
      (hit) => hit.position,
    );
    expect(native).toEqual([...(await exact.search(vector, 100)).positions]);
  });
});

describe("openRetriever", () => {
  it("rejects another model's questions and another corpus's passages", async () => {
    const other = openRetriever({ ...dirs, embedder: embedder("e".repeat(64)) });
    await expect(other).rejects.toMatchObject({ code: "BadModel" });
    const ingestDir = join(home, "shorter");
    await mkdir(ingestDir);
    await writeJsonLines(join(ingestDir, "passages.jsonl"), [passage(0)]);
    const shorter = openRetriever({ ...dirs, ingestDir, embedder: embedder() });
    await expect(shorter).rejects.toThrow(/1 passages in 1 windows, 400 vectors, 400 in BM25/);
  });

  it("names a missing or garbled index file", async () => {
    const buildIndexDir = join(home, "garbled");
    await mkdir(buildIndexDir);
    await expect(openRetriever({ ...dirs, buildIndexDir, embedder: embedder() })).rejects.toMatchObject({
      code: "CorruptArtifact",
      message: expect.stringContaining("meta.json"),
    });
    const args = { passagesDir: dirs.ingestDir, embedDirs: dirs.embedDirs, outDir: buildIndexDir };
    await buildIndex(args, quietContext());
    const bm25 = join(buildIndexDir, "bm25.bin");
    const bytes = await readFile(bm25);
    await writeFile(bm25, bytes.subarray(8));
    await expect(openRetriever({ ...dirs, buildIndexDir, embedder: embedder() })).rejects.toThrow(/bm25\.bin/);
    await writeFile(bm25, bytes);
    await writeFile(join(buildIndexDir, "index.faiss"), "garbled");
    if (retriever.backend.backend !== "faiss") return;
    await expect(openRetriever({ ...dirs, buildIndexDir, embedder: embedder() })).rejects.toThrow(/index\.faiss/);
  });
});

function dot(matrix: Float32Array, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < DIM; i++) sum += matrix[a * DIM + i]! * matrix[b * DIM + i]!;
  return sum;
}

describe("a passage of several windows", () => {
  it("is as near as its nearest window, is listed once, and reports that window", async () => {
    const folder = join(home, "windows");
    const ingestDir = join(folder, "ingest");
    await mkdir(ingestDir, { recursive: true });
    const long = {
      ...passage(0),
      text: "first half. second half.",
      windows: [
        [0, 11],
        [12, 24],
      ],
    };
    await writeJsonLines(join(ingestDir, "passages.jsonl"), [long, passage(1), passage(2)]);
    const rows = values.slice(0, 4 * DIM);
    const embedDirs = [await writeEmbedDir(join(folder, "e"), rows, DIM)];
    const buildIndexDir = join(folder, "i");
    await buildIndex({ passagesDir: ingestDir, embedDirs, outDir: buildIndexDir }, quietContext());
    const opened = await openRetriever({ ingestDir, embedDirs, buildIndexDir, embedder: embedder() });
    const second = rows.slice(DIM, 2 * DIM);
    const dense = await opened.rankBy("dense", await opened.find("half", second, 10), 10);
    expect(dense.map((hit) => hit.position).sort()).toEqual([0, 1, 2]);
    expect(dense[0]).toMatchObject({ position: 0, window: 1 });
    expect(dense[0]!.cosine).toBeCloseTo(opened.scaled(1), 5);
    const { search } = await opened.find("half", second, 10);
    expect(search.nearest(1, rows.slice(2 * DIM, 3 * DIM))).toMatchObject({ window: 0 });
    opened.close();
  });
});
