import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { SERVING_DEPTH } from "../contracts/passage.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { type IndexKind, writeIndexMeta } from "../core/artifacts/searchIndex.ts";
import { openVectors } from "../core/artifacts/vectors.ts";
import type { VectorServer } from "../core/base/compute.ts";
import { writeJsonLines } from "../core/base/jsonl.ts";
import { quietContext } from "../core/base/progress.ts";
import { openEmbedder } from "../core/models/families/index.ts";
import { buildLexicalIndex } from "../core/retrieval/lexicalIndex.ts";
import { openRetriever, type Retriever } from "../core/retrieval/retriever.ts";
import { syntheticPassages } from "./syntheticPassages.ts";
import { quantile, readSources } from "./syntheticVectors.ts";

/** The docs that a larger corpus is modelled on, with questions about them. */
export interface RealDocs {
  ingestDir: string;
  embedderDir: string;
  questions: string[];
}

export interface MeasuredRetriever extends MeasuredRetrieval {
  passagesMb: number;
  lexicalSeconds: number;
  lexicalCpuSeconds: number;
  lexicalPeakMb: number;
  lexicalMb: number;
  terms: number;
  postings: number;
}

/** Retrieval by one process. */
export interface MeasuredRetrieval {
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
export const ROUNDS = 3;

/** Best passages of each question, for the comparison with search servers. */
const HOME_RANKING = "ranking.json";

export const inFolder = (folder: string) => ({
  ingestDir: join(folder, "ingest"),
  vectorsDir: join(folder, "vectors"),
});

/** Writes passages for the vectors in `folder`, modelled on those of the release. */
export async function writePassages(docs: RealDocs, folder: string): Promise<Partial<MeasuredRetriever>> {
  const { ingestDir, vectorsDir } = inFolder(folder);
  const real = await readPassages(docs.ingestDir);
  mkdirSync(ingestDir, { recursive: true });
  const file = join(ingestDir, "passages.jsonl");
  await writeJsonLines(file, syntheticPassages(real, readSources(vectorsDir)));
  // Synthetic docs have no links.
  await writeJsonLines(join(ingestDir, "links.jsonl"), []);
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

/** Retrieves from the corpus in memory, as a query worker opens it. */
export async function retrieveQuestions(
  docs: RealDocs,
  kind: IndexKind,
  folder: string,
): Promise<Partial<MeasuredRetriever>> {
  await writeMeta(kind, folder);
  const { ranked, ...measured } = await measureRetrieval(docs, folder, folder, null);
  writeFileSync(join(folder, HOME_RANKING), JSON.stringify(ranked));
  return measured;
}

/** First passages of each question from the corpus in memory; null if that was not measured. */
export function homeRanking(folder: string): string[][] | null {
  const file = join(folder, HOME_RANKING);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** Opens everything except the reranker and retrieves for the questions. @returns also the first passages of each. */
export async function measureRetrieval(
  { embedderDir, questions }: RealDocs,
  folder: string,
  buildIndexDir: string,
  vectors: VectorServer | null,
): Promise<MeasuredRetrieval & { ranked: string[][] }> {
  const { ingestDir, vectorsDir } = inFolder(folder);
  const began = performance.now();
  const embedder = await openEmbedder(embedderDir);
  const retriever = await openRetriever({ ingestDir, embedDirs: [vectorsDir], buildIndexDir, embedder, vectors });
  const openSeconds = (performance.now() - began) / 1000;
  const openPeakMb = process.resourceUsage().maxRSS / 1024;
  const round = (ask: (question: string) => unknown) => timesOf(questions, ask);
  const ranked: string[][] = [];
  await round(async (question) => ranked.push(await firstOf(retriever, question)));
  const cpuBefore = process.cpuUsage();
  const times: number[] = [];
  for (let at = 1; at < ROUNDS; at++) times.push(...(await round((question) => firstOf(retriever, question))));
  const { user, system } = process.cpuUsage(cpuBefore);
  const embedTimes = await round((question) => retriever.embedQuestion(question));
  return {
    openSeconds,
    openPeakMb,
    serveMb: process.memoryUsage.rss() / MB,
    retrieveP50Ms: quantile(times, 0.5),
    retrieveP99Ms: quantile(times, 0.99),
    embedMs: quantile(embedTimes, 0.5),
    retrieveCpuMs: (user + system) / 1000 / times.length,
    ranked,
  };
}

async function firstOf(retriever: Retriever, question: string): Promise<string[]> {
  return (await retriever.retrieve(question, SERVING_DEPTH)).map(({ passage }) => passage.id);
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
