import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { readIndexMeta } from "../core/artifacts/searchIndex.ts";
import { openVectors } from "../core/artifacts/vectors.ts";
import type { VectorServer } from "../core/base/compute.ts";
import { quietContext, type TaskProgress } from "../core/base/progress.ts";
import { measureRecall } from "../core/retrieval/corpora/build.ts";
import { buildIndex } from "../core/stages/work/buildIndex.ts";
import { startWeaviate, type WeaviateProcess } from "../tests/vectors/server.ts";
import {
  homeRanking,
  inFolder,
  type MeasuredRetrieval,
  measureRetrieval,
  type RealDocs,
  ROUNDS,
} from "./scaleRetriever.ts";

/** Search servers of the bench. */
export interface SearchServers {
  server: VectorServer;
  pids: number[];
  /** Folder of each server. */
  folders: string[];
}

/** Three search servers with one corpus. */
export interface MeasuredSearch extends SearchedCorpus {
  replicas: number;
  shards: number;
  fillSeconds: number;
  /** Processor time of the process that fills, and of all servers. */
  fillCpuSeconds: number;
  fillServerCpuSeconds: number;
  /** Peak memory of the process that fills. */
  fillPeakMb: number;
  recallAt100: number;
  artifactMb: number;
  /** Peak and present memory of each server after the build. */
  serverPeakMb: number[];
  serverMb: number[];
  diskMb: number;
  /** The same with one of the servers killed; absent with one replica. */
  afterLoss?: SearchedCorpus & { recallAt100: number };
}

interface SearchedCorpus extends MeasuredRetrieval {
  /** Processor time of all servers for a question. */
  serverCpuMs: number;
  /** Mean share of the first passages of the corpus in memory; null if that was not measured. */
  likeHome: number | null;
}

const SERVERS = 3;
const MB = 2 ** 20;
/** Unit of processor time in /proc on Linux. */
const TICKS_A_SECOND = 100;

/** Runs `work` with three servers of their own, which are removed afterwards. */
export async function withSearchServers<T>(
  { replicas, shards }: { replicas: number; shards: number },
  work: (servers: SearchServers, nodes: readonly WeaviateProcess[]) => Promise<T>,
): Promise<T> {
  const settings = { USE_BLOCKMAX_WAND: "false", AUTOSCHEMA_ENABLED: "false" };
  const nodes = await Promise.all(Array.from({ length: SERVERS }, () => startWeaviate(null, settings)));
  try {
    const urls = nodes.map(({ server }) => server.url);
    const server = { ...nodes[0]!.server, replicas, corpus: { urls, shards } };
    return await work(
      { server, pids: nodes.map((node) => node.pid()), folders: nodes.map((node) => node.folder) },
      nodes,
    );
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

const indexDir = (folder: string) => join(folder, "search");

/** Fills the servers with the passages and vectors in `folder`. */
export async function fillServers(
  { server, pids, folders }: SearchServers,
  folder: string,
): Promise<Partial<MeasuredSearch>> {
  const { ingestDir, vectorsDir } = inFolder(folder);
  const outDir = indexDir(folder);
  rmSync(outDir, { recursive: true, force: true });
  const progress = ({ step, of, note }: TaskProgress) =>
    void process.stderr.write(`${new Date().toISOString()} ${step} of ${of} ${note}\n`);
  const serversBefore = cpuSecondsOf(pids);
  const report = await buildIndex(
    { passagesDir: ingestDir, embedDirs: [vectorsDir], outDir },
    { ...quietContext({ vectors: server }), progress },
  );
  const { user, system } = process.cpuUsage();
  return {
    replicas: server.replicas,
    shards: server.corpus!.shards,
    fillSeconds: report.seconds,
    fillCpuSeconds: (user + system) / 1e6,
    fillServerCpuSeconds: cpuSecondsOf(pids) - serversBefore,
    fillPeakMb: process.resourceUsage().maxRSS / 1024,
    recallAt100: report.recallAt100,
    artifactMb: sizeOf(outDir),
    serverPeakMb: pids.map((pid) => memoryOf(pid, "VmHWM")),
    serverMb: pids.map((pid) => memoryOf(pid, "VmRSS")),
    diskMb: folders.reduce((sum, data) => sum + sizeOf(data), 0),
  };
}

/** Retrieves for the questions as a query worker does. */
export async function retrieveFromServers(
  docs: RealDocs,
  { server, pids }: SearchServers,
  folder: string,
): Promise<SearchedCorpus> {
  const before = cpuSecondsOf(pids);
  const { ranked, ...measured } = await measureRetrieval(docs, folder, indexDir(folder), server);
  const serverCpuMs = ((cpuSecondsOf(pids) - before) * 1000) / (ROUNDS * docs.questions.length);
  const home = homeRanking(folder);
  return { ...measured, serverCpuMs, likeHome: home && meanShare(ranked, home) };
}

/** Retrieves and measures recall again, with some of the servers dead. */
export async function afterLoss(
  docs: RealDocs,
  servers: SearchServers,
  folder: string,
): Promise<MeasuredSearch["afterLoss"]> {
  const { ingestDir, vectorsDir } = inFolder(folder);
  const vectors = await openVectors([vectorsDir]);
  const meta = await readIndexMeta(indexDir(folder));
  const recallAt100 = await measureRecall(servers.server, ingestDir, vectors, indexDir(folder), meta);
  vectors.close();
  return { ...(await retrieveFromServers(docs, servers, folder)), recallAt100 };
}

function meanShare(ranked: readonly string[][], home: readonly string[][]): number {
  const shares = ranked.map((ids, at) => ids.filter((id) => home[at]!.includes(id)).length / home[at]!.length);
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Megabytes of the files below a folder. */
export function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0) / MB;
}

/** Processor time of processes so far; those that ended are left out. Linux only. */
function cpuSecondsOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readProc(pid, "stat");
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    return stat ? Number(user) + Number(system) : 0;
  });
  return ticks.reduce((sum, own) => sum + own, 0) / TICKS_A_SECOND;
}

/** Megabytes of a process: its peak (`VmHWM`) or its present memory (`VmRSS`). */
function memoryOf(pid: number, field: "VmHWM" | "VmRSS"): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readProc(pid, "status"))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}

function readProc(pid: number, name: string): string {
  const file = `/proc/${pid}/${name}`;
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export function renderSearch(all: { count: number; searched?: MeasuredSearch }[]): string {
  const built = all.flatMap(({ count, searched }) => (searched ? [buildRow(count, searched)] : []));
  const asked = all.flatMap(({ count, searched: found }) => {
    if (!found) return [];
    const { afterLoss } = found;
    return [
      askedRow(count, "3 servers", found),
      ...(afterLoss ? [askedRow(count, "one of them dead", afterLoss)] : []),
    ];
  });
  const build = ["passages", "shards", "copies", "filling", "its CPU", "servers' CPU", "its peak"];
  const serve = [
    "passages",
    "asked",
    "recall@100",
    "as in memory",
    "opening",
    "serving",
    "p50",
    "p99",
    "CPU",
    "servers' CPU",
  ];
  return [
    table([...build, "each server's peak", "then", "artifact", "servers' disk"], built),
    table(serve, asked),
  ].join("\n\n");
}

const mb = (value: number) => `${value.toFixed(0)} MB`;
const seconds = (value: number) => `${value.toFixed(1)} s`;
const ms = (value: number) => `${value.toFixed(0)} ms`;
const each = (values: number[]) => values.map((value) => value.toFixed(0)).join(", ");

function buildRow(count: number, m: MeasuredSearch): string[] {
  return [
    count.toLocaleString("en"),
    `${m.shards}`,
    `${m.replicas}`,
    seconds(m.fillSeconds),
    seconds(m.fillCpuSeconds),
    seconds(m.fillServerCpuSeconds),
    mb(m.fillPeakMb),
    `${each(m.serverPeakMb)} MB`,
    `${each(m.serverMb)} MB`,
    mb(m.artifactMb),
    mb(m.diskMb),
  ];
}

function askedRow(count: number, which: string, m: SearchedCorpus & { recallAt100: number }): string[] {
  return [
    count.toLocaleString("en"),
    which,
    m.recallAt100.toFixed(3),
    m.likeHome === null ? "" : m.likeHome.toFixed(3),
    seconds(m.openSeconds),
    mb(m.serveMb),
    ms(m.retrieveP50Ms),
    ms(m.retrieveP99Ms),
    ms(m.retrieveCpuMs),
    ms(m.serverCpuMs),
  ];
}
