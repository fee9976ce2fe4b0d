import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { readQuestionLines } from "../core/artifacts/evaluation.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { type IndexKind, writeIndexMeta } from "../core/artifacts/searchIndex.ts";
import { openVectors } from "../core/artifacts/vectors.ts";
import { writeJsonLines } from "../core/base/jsonl.ts";
import { quietContext } from "../core/base/progress.ts";
import { buildLexicalIndex } from "../core/retrieval/lexicalIndex.ts";
import { openEngine } from "../core/serving/engine.ts";
import { syntheticPassages } from "./syntheticPassages.ts";
import { quantile, readSources } from "./syntheticVectors.ts";

/** The parts of the serving release that a larger one is based on. */
export interface ServedRelease {
  ingestDir: string;
  embedderDir: string;
  evaluateDir: string;
}

export interface MeasuredRetriever {
  passagesMb: number;
  lexicalSeconds: number;
  lexicalCpuSeconds: number;
  lexicalPeakMb: number;
  lexicalMb: number;
  terms: number;
  postings: number;
  openSeconds: number;
  /** Peak memory of the process while it opened. */
  openPeakMb: number;
  serveMb: number;
  /** A whole retrieval, including the embedding of the question. */
  retrieveP50Ms: number;
  retrieveP99Ms: number;
  /** p50 of the embedding. */
  embedMs: number;
  /** Processor time of a whole retrieval. */
  retrieveCpuMs: number;
}

const MB = 2 ** 20;
/** The first round warms up the caches of the system and the compiler. */
const ROUNDS = 3;

const inFolder = (folder: string) => ({ ingestDir: join(folder, "ingest"), vectorsDir: join(folder, "vectors") });

/** Writes passages for the vectors in `folder`, modelled on those of the release. */
export async function writePassages(release: ServedRelease, folder: string): Promise<Partial<MeasuredRetriever>> {
  const { ingestDir, vectorsDir } = inFolder(folder);
  const real = await readPassages(release.ingestDir);
  mkdirSync(ingestDir, { recursive: true });
  const file = join(ingestDir, "passages.jsonl");
  await writeJsonLines(file, syntheticPassages(real, readSources(vectorsDir)));
  return { passagesMb: statSync(file).size / MB };
}

/** Builds the product's BM25 index over these passages, beside the vector index in `folder`. */
export async function buildLexical(count: number, folder: string): Promise<Partial<MeasuredRetriever>> {
  const began = performance.now();
  await buildLexicalIndex(inFolder(folder).ingestDir, count, folder, quietContext());
  const lexicalSeconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage();
  const { terms, postings } = JSON.parse(readFileSync(join(folder, "bm25.json"), "utf8"));
  return {
    lexicalSeconds,
    lexicalCpuSeconds: (user + system) / 1e6,
    lexicalPeakMb: process.resourceUsage().maxRSS / 1024,
    lexicalMb: statSync(join(folder, "bm25.bin")).size / MB,
    terms,
    postings,
  };
}

/** Opens everything except the reranker, as a query worker does, and retrieves for the release's questions. */
export async function retrieveQuestions(
  release: ServedRelease,
  kind: IndexKind,
  folder: string,
): Promise<Partial<MeasuredRetriever>> {
  const { ingestDir, vectorsDir } = inFolder(folder);
  await writeMeta(kind, folder);
  const questions = (await readQuestionLines(release.evaluateDir)).map(({ query }) => query);
  const began = performance.now();
  const engine = await openEngine(
    {
      release: "scale",
      ranking: "retrieval",
      ingestDir,
      embedDirs: [vectorsDir],
      buildIndexDir: folder,
      embedderDir: release.embedderDir,
      rerankerDir: null,
      evaluateDir: release.evaluateDir,
    },
    quietContext(),
  );
  const openSeconds = (performance.now() - began) / 1000;
  const openPeakMb = process.resourceUsage().maxRSS / 1024;
  const round = (ask: (question: string) => unknown) => timesOf(questions, ask);
  const embed = (question: string) => engine.similarities(question, []);
  const retrieve = (question: string) => engine.search(question);
  await round(retrieve);
  const cpuBefore = process.cpuUsage();
  const times: number[] = [];
  for (let at = 1; at < ROUNDS; at++) times.push(...(await round(retrieve)));
  const { user, system } = process.cpuUsage(cpuBefore);
  const embedTimes = await round(embed);
  return {
    openSeconds,
    openPeakMb,
    serveMb: process.memoryUsage.rss() / MB,
    retrieveP50Ms: quantile(times, 0.5),
    retrieveP99Ms: quantile(times, 0.99),
    embedMs: quantile(embedTimes, 0.5),
    retrieveCpuMs: (user + system) / 1000 / times.length,
  };
}

/** Writes the metadata as build-index would, because a separate step built the vector index. */
async function writeMeta(kind: IndexKind, folder: string): Promise<void> {
  const vectors = await openVectors([inFolder(folder).vectorsDir]);
  const { count, dim, modelDigest } = vectors;
  vectors.close();
  await writeIndexMeta(folder, { kind, backend: "faiss", recallAt100: 0, count, dim, modelDigest });
}

async function timesOf(questions: string[], ask: (question: string) => unknown): Promise<number[]> {
  const times: number[] = [];
  for (const question of questions) {
    const began = performance.now();
    await ask(question);
    times.push(performance.now() - began);
  }
  return times;
}

export function renderRetrievers(all: { count: number; retriever?: MeasuredRetriever }[]): string {
  const rows = all.flatMap(({ count, retriever }) => (retriever ? [rowOf(count, retriever)] : []));
  const build = ["passages", "BM25 build", "its CPU", "its peak", "its file", "terms", "text"];
  const serve = ["opening", "its peak", "serving", "retrieval p50", "p99", "CPU", "of it embedding p50"];
  return table([...build, ...serve], rows);
}

function rowOf(count: number, m: MeasuredRetriever): string[] {
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const mb = (value: number) => `${value.toFixed(0)} MB`;
  return [
    count.toLocaleString("en"),
    seconds(m.lexicalSeconds),
    seconds(m.lexicalCpuSeconds),
    mb(m.lexicalPeakMb),
    mb(m.lexicalMb),
    m.terms.toLocaleString("en"),
    mb(m.passagesMb),
    seconds(m.openSeconds),
    mb(m.openPeakMb),
    mb(m.serveMb),
    ms(m.retrieveP50Ms),
    ms(m.retrieveP99Ms),
    ms(m.retrieveCpuMs),
    ms(m.embedMs),
  ];
}
