/**
 * Measures the product at size. Vector search: time, memory, index build, recall@100 against exact search, latency.
 * Retrieval of a question: BM25, vectors, passages and feedback, without reranking. Temporal: the history of a pipeline
 * over as many passages.
 *   npm run bench:scale [-- --sizes 10000,100000,1000000] [--contenders home,search] [--replicas 2] [--shards 6]
 *     [--vectors EMBED_ARTIFACT] [--passages INGEST_ARTIFACT --questions FILE] [--keep FOLDER] [--no-history] [--json]
 * Vectors, passages and questions are by default those of the serving release in WINNOW_HOME; without passages and
 * questions only the vector search is measured. Larger sizes are synthesized: syntheticVectors.ts,
 * syntheticPassages.ts. The contender `home` holds the corpus in the process that searches, `search` on three search
 * servers of this machine. Each step runs in its own process. With --keep all artifacts stay in FOLDER, and a second
 * run measures only search and retrieval.
 */
import { fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../cli/table.ts";
import { openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { readQuestionLines } from "../core/artifacts/evaluation.ts";
import { vectorIndexFile } from "../core/artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../core/artifacts/vectors.ts";
import { seededRandom } from "../core/base/random.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { embedderDir } from "../core/models/locate.ts";
import { searchExact } from "../core/retrieval/engines/exact.ts";
import { buildFaissFile, loadFaiss, openFaissFile } from "../core/retrieval/engines/faiss.ts";
import { recallAgainstExact } from "../core/retrieval/recall.ts";
import { type MeasuredHistory, measureHistory, renderHistories } from "./scaleHistory.ts";
import {
  buildLexical,
  type MeasuredRetriever,
  type RealDocs,
  renderRetrievers,
  retrieveQuestions,
  writePassages,
} from "./scaleRetriever.ts";
import {
  afterLoss,
  fillServers,
  type MeasuredSearch,
  renderSearch,
  retrieveFromServers,
  type SearchServers,
  withSearchServers,
} from "./scaleSearch.ts";
import { type Distances, describeDistances, quantile, writeSample, writeSynthetic } from "./syntheticVectors.ts";

interface Measured {
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
  retriever?: MeasuredRetriever;
  searched?: MeasuredSearch;
  history?: MeasuredHistory;
}

/** The basis of the measurements at one size. */
interface Source {
  embedDirs: string[];
  /** `null` for vectors from --vectors alone, which have no text. */
  docs: RealDocs | null;
  servers?: SearchServers;
}

/** What is measured. */
interface Wanted {
  sizes: number[];
  contenders: string[];
  replicas: number;
  shards: number;
  keep: string | undefined;
  history: boolean;
}

/** The product's own limit: above it the index is HNSW. */
const EXACT_UP_TO = 50_000;
const QUERIES = 1000;
/**
 * Depth of a question's two index searches: three windows for each of 200 passages (core/retrieval/windowVectors.ts).
 */
const QUESTION_DEPTH = 600;
const MB = 2 ** 20;

/** Steps of one size, each in its own process for a separate measure of memory. */
const STEPS = {
  make,
  build,
  search,
  passages: ({ docs }: Source, _: number, folder: string) => writePassages(docs!, folder),
  lexical: (_: Source, count: number, folder: string) => buildLexical(count, folder),
  retrieve: ({ docs }: Source, count: number, folder: string) => retrieveQuestions(docs!, kindOf(count), folder),
  fill: ({ servers }: Source, _: number, folder: string) => fillServers(servers!, folder),
  ask: ({ docs, servers }: Source, _: number, folder: string) => retrieveFromServers(docs!, servers!, folder),
  loss: ({ docs, servers }: Source, _: number, folder: string) => afterLoss(docs!, servers!, folder),
  history: (_: Source, count: number) => measureHistory(count),
};

function kindOf(count: number): Measured["kind"] {
  return count > EXACT_UP_TO ? "hnsw" : "flat";
}

async function make({ embedDirs }: Source, count: number, folder: string): Promise<Partial<Measured>> {
  const real = await openVectors(embedDirs);
  const started = performance.now();
  const vectors = await writeSynthetic(real, count, join(folder, "vectors"));
  const makeSeconds = (performance.now() - started) / 1000;
  const distances = [describeDistances(`synthetic, ${count}`, vectors)];
  if (count <= real.count)
    distances.unshift(describeDistances(`real, ${count}`, await writeSample(real, count, join(folder, "sample"))));
  return { count, makeSeconds, distances };
}

async function build(_: Source, count: number, folder: string): Promise<Partial<Measured>> {
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

async function search(_: Source, count: number, folder: string): Promise<Partial<Measured>> {
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

async function measure(source: Source, count: number, wanted: Wanted): Promise<Measured> {
  const { contenders, keep } = wanted;
  const folder = keep ? join(keep, `${count}`) : mkdtempSync(join(tmpdir(), "winnow-scale-"));
  const step = <T>(name: keyof typeof STEPS, servers?: SearchServers) =>
    inProcess<T>([JSON.stringify({ ...source, servers }), `${count}`, folder, name]);
  /** Reuses the results of an earlier build. */
  const kept = async <T>(name: keyof typeof STEPS): Promise<T> => {
    const file = join(folder, `${name}.json`);
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await step(name)));
    return JSON.parse(readFileSync(file, "utf8"));
  };
  const retrieval = async () => ({
    ...(await kept<MeasuredRetriever>("passages")),
    ...(await kept<MeasuredRetriever>("lexical")),
    ...(await step<MeasuredRetriever>("retrieve")),
  });
  try {
    mkdirSync(folder, { recursive: true });
    let measured = await kept<Measured>("make");
    if (contenders.includes("home")) {
      measured = { ...measured, ...(await kept<Measured>("build")), ...(await step<Measured>("search")) };
      if (source.docs) measured.retriever = await retrieval();
    }
    if (contenders.includes("search")) {
      await kept("passages");
      measured.searched = await measureServers(wanted, step);
    }
    if (wanted.history) measured.history = await step<MeasuredHistory>("history");
    return measured;
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Fills three servers, asks them, and asks again with one of them killed. */
function measureServers(
  wanted: Wanted,
  step: <T>(name: keyof typeof STEPS, servers: SearchServers) => Promise<T>,
): Promise<MeasuredSearch> {
  return withSearchServers(wanted, async (servers, nodes) => {
    const filled = await step<MeasuredSearch>("fill", servers);
    process.stderr.write(`${JSON.stringify(filled)}\n`);
    const asked = await step<MeasuredSearch>("ask", servers);
    if (wanted.replicas < 2) return { ...filled, ...asked };
    await nodes[0]!.kill();
    return { ...filled, ...asked, afterLoss: await step<MeasuredSearch["afterLoss"]>("loss", servers) };
  });
}

function inProcess<T>(step: string[]): Promise<T> {
  const child = fork(fileURLToPath(import.meta.url), step, {
    execArgv: ["--max-old-space-size=4096", "--import", import.meta.resolve("tsx")],
    // Temporal's server writes to stdout, which is reserved for the results.
    stdio: ["ignore", 2, "inherit", "ipc"],
  });
  return new Promise((settle, fail) => {
    child.once("message", (measured) => settle(measured as T));
    child.once("exit", (code) => fail(new Error(`${step.at(-1)} at ${step[1]} ended (${code})`)));
  });
}

function render(all: Measured[]): string {
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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      vectors: { type: "string" },
      passages: { type: "string" },
      questions: { type: "string" },
      sizes: { type: "string", default: "10000,100000,1000000" },
      contenders: { type: "string", default: "home" },
      replicas: { type: "string", default: "2" },
      shards: { type: "string", default: "6" },
      keep: { type: "string" },
      "no-history": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const source = values.vectors ? await givenSource({ ...values, vectors: values.vectors }) : await servedSource();
  const wanted: Wanted = {
    sizes: values.sizes.split(",").map(Number),
    contenders: values.contenders.split(","),
    ...{ replicas: Number(values.replicas), shards: Number(values.shards), keep: values.keep },
    history: !values["no-history"],
  };
  if (wanted.contenders.includes("search") && !source.docs)
    throw new Error("search servers need passages and questions");
  const all: Measured[] = [];
  for (const size of wanted.sizes) {
    process.stderr.write(`${size} vectors\n`);
    all.push(await measure(source, size, wanted));
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  console.log(
    values.json ? JSON.stringify({ machine, sizes: all }, null, 2) : [machine, ...tablesOf(all)].join("\n\n"),
  );
}

function tablesOf(all: Measured[]): string[] {
  const histories = all.flatMap(({ history }) => history ?? []);
  const home = all.filter(({ kind }) => kind);
  return [
    ...(home.length > 0 ? [render(home)] : []),
    ...(home.some(({ retriever }) => retriever) ? [renderRetrievers(home)] : []),
    ...(all.some(({ searched }) => searched) ? [renderSearch(all)] : []),
    ...(histories.length > 0 ? [renderHistories(histories)] : []),
  ];
}

async function servedSource(): Promise<Source> {
  const config = readCliConfig();
  const { folders } = await openRelease(config, {});
  const { embedDirs, ingestDir, evaluateDir } = folders;
  const questions = (await readQuestionLines(evaluateDir)).map(({ query }) => query);
  return { embedDirs, docs: { ingestDir, questions, embedderDir: embedderDir(config.cache) } };
}

async function givenSource(given: { vectors: string; passages?: string; questions?: string }): Promise<Source> {
  const { vectors, passages, questions } = given;
  if (!passages || !questions) return { embedDirs: [vectors], docs: null };
  const asked = (await loadQuestionSet(questions)).map(({ query }) => query);
  return {
    embedDirs: [vectors],
    docs: { ingestDir: passages, questions: asked, embedderDir: embedderDir(readCliConfig().cache) },
  };
}

if (process.send) {
  const [source = "", count, folder = "", step] = process.argv.slice(2);
  const measured = await STEPS[step as keyof typeof STEPS](JSON.parse(source), Number(count), folder);
  process.send(measured, () => process.exit(0));
} else await main();
