import { statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { vectorIndexFile } from "../core/artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../core/artifacts/vectors.ts";
import { seededRandom } from "../core/base/random.ts";
import { searchExact } from "../core/retrieval/engines/exact.ts";
import { buildFaissFile, loadFaiss, openFaissFile } from "../core/retrieval/engines/faiss.ts";
import { recallAgainstExact } from "../core/retrieval/recall.ts";
import { type Distances, describeDistances, quantile, writeSample, writeSynthetic } from "./syntheticVectors.ts";

/** The vector search at one size. */
export interface MeasuredVectors {
  count: number;
  kind: "flat" | "hnsw";
  makeSeconds: number;
  buildSeconds: number;
  buildCpuSeconds: number;
  indexMb: number;
  peakMb: number;
  serveMb: number;
  recallAt100: number;
  p50Ms: number;
  p99Ms: number;
  /** p50 of a search at the depth of a question. */
  questionMs: number;
  /** Processor time of a query: its p50 on an otherwise idle machine. */
  cpuMs: number;
  exactMs: number;
  load: number;
  distances: Distances[];
}

/** The product's own limit: above it the index is HNSW. */
const EXACT_UP_TO = 50_000;
const QUERIES = 1000;
/**
 * Depth of a question's two index searches: three windows for each of 200 passages (core/retrieval/windowVectors.ts).
 */
const QUESTION_DEPTH = 600;
const MB = 2 ** 20;

export function kindOf(count: number): MeasuredVectors["kind"] {
  return count > EXACT_UP_TO ? "hnsw" : "flat";
}

/** Makes the vectors of one size. */
export async function makeVectors(
  embedDirs: string[],
  count: number,
  folder: string,
): Promise<Partial<MeasuredVectors>> {
  const real = await openVectors(embedDirs);
  const started = performance.now();
  const vectors = await writeSynthetic(real, count, join(folder, "vectors"));
  const makeSeconds = (performance.now() - started) / 1000;
  const distances = [describeDistances(`synthetic, ${count}`, vectors)];
  if (count <= real.count)
    distances.unshift(describeDistances(`real, ${count}`, await writeSample(real, count, join(folder, "sample"))));
  return { count, makeSeconds, distances };
}

/** Builds their index, with FAISS. */
export async function buildVectors(count: number, folder: string): Promise<Partial<MeasuredVectors>> {
  const vectors = await openVectors([join(folder, "vectors")]);
  const kind = kindOf(count);
  const context = { signal: new AbortController().signal, progress() {} };
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  await buildFaissFile(await addon(), kind, vectors, vectorIndexFile(folder), context);
  const buildSeconds = (performance.now() - began) / 1000;
  const buildCpuSeconds = cpuMsSince(cpuBefore) / 1000;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const indexMb = statSync(vectorIndexFile(folder)).size / MB;
  return { kind, buildSeconds, buildCpuSeconds, indexMb, peakMb };
}

/** Searches it. */
export async function searchVectors(count: number, folder: string): Promise<Partial<MeasuredVectors>> {
  const vectors = await openVectors([join(folder, "vectors")]);
  const index = openFaissFile(await addon(), kindOf(count), vectorIndexFile(folder), count, vectors.dim);
  const queries = nearQueries(vectors, QUERIES);
  for (const query of queries.slice(0, 50)) await index.search(query, 100);
  const cpuBefore = process.cpuUsage();
  const times: number[] = [];
  for (const query of queries) times.push(await timed(() => index.search(query, 100)));
  const cpuMs = cpuMsSince(cpuBefore) / QUERIES;
  const deep: number[] = [];
  for (const query of queries.slice(0, QUERIES / 4)) deep.push(await timed(() => index.search(query, QUESTION_DEPTH)));
  const serveMb = process.memoryUsage.rss() / MB;
  const exactMs = await timed(() => searchExact(vectors, queries.slice(0, 1), 100));
  const recallAt100 = await recallAgainstExact(index, vectors);
  return {
    serveMb,
    recallAt100,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    questionMs: quantile(deep, 0.5),
    cpuMs,
    exactMs,
    load: loadavg()[0]!,
  };
}

async function addon() {
  const loaded = await loadFaiss();
  if ("faiss" in loaded) return loaded.faiss;
  throw new Error(`this bench measures FAISS, which cannot be loaded: ${loaded.reason}`);
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** A passage's vector rotated halfway to another one: near some passages, equal to none. */
function nearQueries(vectors: Vectors, count: number): Float32Array[] {
  const random = seededRandom(7);
  const pick = () => vectors.read(Math.floor(random() * vectors.count), 1);
  return Array.from({ length: count }, () => {
    const [a, b] = [pick(), pick()];
    const sum = a.map((value, i) => value + 0.5 * b[i]!);
    const length = Math.hypot(...sum);
    return sum.map((value) => value / length);
  });
}

export function renderVectors(all: MeasuredVectors[]): string {
  const rows = all.map((m) => [
    m.count.toLocaleString("en"),
    m.kind,
    `${m.buildSeconds.toFixed(1)} s`,
    `${m.buildCpuSeconds.toFixed(1)} s`,
    `${m.indexMb.toFixed(0)} MB`,
    `${m.peakMb.toFixed(0)} MB`,
    `${m.serveMb.toFixed(0)} MB`,
    m.recallAt100.toFixed(3),
    `${m.p50Ms.toFixed(2)} ms`,
    `${m.p99Ms.toFixed(2)} ms`,
    `${m.questionMs.toFixed(2)} ms`,
    `${m.cpuMs.toFixed(2)} ms`,
    `${m.exactMs.toFixed(0)} ms`,
    m.load.toFixed(1),
  ]);
  const head = [
    "vectors",
    "index",
    "build",
    "its CPU",
    "file",
    "peak",
    "serving",
    "recall@100",
    "p50",
    "p99",
    "p50 of 600",
    "CPU",
    "exact",
    "load",
  ];
  const cosines = all.flatMap(({ distances }) =>
    distances.map(({ name, pairs, nearest }) => [name, ...[...pairs, ...nearest].map((cosine) => cosine.toFixed(3))]),
  );
  const columns = ["cosines", "pairs p5", "p50", "p95", "1st neighbour", "10th", "100th"];
  return `${table(head, rows)}\n\n${table(columns, cosines)}`;
}
