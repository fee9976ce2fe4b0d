import { eachPassage } from "../../../artifacts/passages.ts";
import type { IndexKind } from "../../../artifacts/searchIndex.ts";
import { TermTable, writeTerms } from "../../../artifacts/termsFile.ts";
import type { Vectors } from "../../../artifacts/vectors.ts";
import { settingOf, type VectorServer } from "../../../base/compute.ts";
import { WinnowError } from "../../../base/errors.ts";
import type { TaskContext } from "../../../base/progress.ts";
import { statementIn } from "../../../docs/versionStatement.ts";
import { windowCount } from "../../../docs/windows.ts";
import { BM25_DEFAULTS } from "../../bm25.ts";
import { Weaviate } from "../../engines/weaviate.ts";
import { type CollectionNote, noteOf } from "../../engines/weaviateIndex.ts";
import { type Fields, meanLength } from "../../termImpact.ts";
import { corpusDigest } from "./digest.ts";
import { type Making, passageObject, termsOf, windowObjects } from "./passageObject.ts";
import { requireExactBm25 } from "./probe.ts";
import {
  checkCounts,
  PARTS,
  type Placed,
  type ShardCounts,
  shardName,
  shardSchema,
  stateOf,
  targetsOf,
} from "./shards.ts";
import { ShardWriter } from "./shardWriter.ts";

const REPORT_EVERY = 2048;

/** A corpus that was written, as the artifact's metadata records it. */
export interface BuiltCorpus extends Placed {
  counts: ShardCounts[];
}

/**
 * Writes a corpus to the search servers: each shard whole on as many servers as there are replicas, and the terms into
 * `outDir`. As many shards as there are servers are filled at a time, so that all servers work. A shard that a server
 * has whole is kept, so a build that failed goes on with the shards it was at. A shard that is there in part, or lost
 * objects, is written again: a server that died during a write may have rows that no search finds.
 *
 * Throws `CorruptArtifact` if the vectors belong to other passages, `Cancelled`, `BadInput` if the servers are one
 * cluster, `VectorServerUnavailable`, `VectorServerRefused`.
 */
export async function buildWeaviateCorpus(
  server: VectorServer,
  kind: IndexKind,
  ingestDir: string,
  vectors: Vectors,
  outDir: string,
  ctx: TaskContext,
): Promise<BuiltCorpus> {
  const { shards } = server.corpus!;
  const clients = new Map(server.corpus!.urls.map((url) => [url, new Weaviate({ ...server, url })]));
  for (const client of clients.values()) {
    await requireAlone(server, client);
    await requireExactBm25(server, client);
  }
  const mean = await countTerms(ingestDir, vectors.count, shards, outDir, ctx);
  const digest = await corpusDigest({ kind, ingestDir, vectors, shards, termsDir: outDir, mean: mean.fields });
  const placed: Placed = { digest, kind, dim: vectors.dim, shards, k1: BM25_DEFAULTS.k1 };
  const table = await TermTable.open(outDir);
  try {
    const filling = {
      server,
      placed,
      ingestDir,
      vectors,
      making: { table, settings: BM25_DEFAULTS, mean: mean.fields },
    };
    const all = mean.counts.map((counts, shard) => ({
      ...{ shard, counts },
      targets: targetsOf(server, shard).map((url) => clients.get(url)!),
    }));
    for (let first = 0; first < shards; first += clients.size)
      await buildShards(filling, all.slice(first, first + clients.size), ctx);
  } finally {
    table.close();
  }
  return { ...placed, counts: mean.counts };
}

/**
 * Servers that form a cluster of their own move and copy shards by rules of theirs, and one that lost its disk answers
 * from an empty copy. Winnow's replicas are checked instead.
 */
async function requireAlone(server: VectorServer, client: Weaviate): Promise<void> {
  const nodes = await client.nodes();
  if (nodes.length < 2) return;
  throw new WinnowError(
    "BadInput",
    `${client.url} of ${settingOf(server)} is one of ${nodes.length} nodes of a Weaviate cluster (${nodes.join(", ")}): start each server alone, without CLUSTER_JOIN; Winnow places shards and replicas itself`,
  );
}

/** Counts terms, lengths and the objects of each shard in one pass over the passages, and writes the terms. */
async function countTerms(
  ingestDir: string,
  vectors: number,
  shards: number,
  outDir: string,
  ctx: TaskContext,
): Promise<{ fields: Fields; counts: ShardCounts[] }> {
  const frequencies = new Map<string, number>();
  const sum = { title: 0, text: 0 };
  const counts = Array.from({ length: shards }, () => ({ windows: 0, passages: 0 }));
  let position = 0;
  for await (const passage of eachPassage(ingestDir)) {
    if (position % REPORT_EVERY === 0) goOn(ctx, position, vectors, "passages counted");
    const { occurrences, length } = termsOf(passage);
    for (const term of occurrences.keys()) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
    sum.title += length.title;
    sum.text += length.text;
    const shard = counts[position % shards]!;
    shard.windows += windowCount(passage);
    shard.passages++;
    position++;
  }
  const windows = counts.reduce((all, shard) => all + shard.windows, 0);
  if (windows !== vectors)
    throw new WinnowError("CorruptArtifact", `${windows} windows of passages, but ${vectors} vectors`);
  await writeTerms(outDir, frequencies, { settings: BM25_DEFAULTS, passages: position });
  return { fields: { title: meanLength(sum.title, position), text: meanLength(sum.text, position) }, counts };
}

interface Filling {
  server: VectorServer;
  placed: Placed;
  ingestDir: string;
  vectors: Vectors;
  making: Making;
}

/** A shard, and the servers that should have it. */
interface ShardToBuild {
  shard: number;
  counts: ShardCounts;
  targets: readonly Weaviate[];
}

/** Makes shards whole on each of their servers. They are filled together, in one pass over the passages. */
async function buildShards(filling: Filling, shards: readonly ShardToBuild[], ctx: TaskContext): Promise<void> {
  const lacking: ShardToBuild[] = [];
  for (const { shard, counts, targets } of shards) {
    const empty: Weaviate[] = [];
    for (const client of targets) if (!(await isWhole(client, filling, shard, counts))) empty.push(client);
    if (empty.length > 0) lacking.push({ shard, counts, targets: empty });
  }
  if (lacking.length === 0) return;
  await Promise.all(
    lacking.flatMap(({ shard, counts, targets }) =>
      targets.map((client) => createShard(client, filling, shard, counts)),
    ),
  );
  await fillShards(filling, lacking, ctx);
  for (const { shard, counts, targets } of lacking)
    for (const client of targets) await complete(client, filling, shard, counts);
}

/** Creates a shard's collections on one server, without objects. */
async function createShard(
  client: Weaviate,
  { server, placed }: Filling,
  shard: number,
  counts: ShardCounts,
): Promise<void> {
  for (const part of PARTS) {
    await client.drop(shardName(server, placed, shard, part));
    await client.create(shardSchema(server, placed, shard, part, counts[part]));
  }
}

/** Whether a server has a shard whole. If so, `gc` grants it the grace time from now on, since no index names it yet. */
async function isWhole(client: Weaviate, filling: Filling, shard: number, counts: ShardCounts): Promise<boolean> {
  const { server, placed } = filling;
  if (stateOf(await client.list(), server, placed, shard) !== "complete") return false;
  try {
    await checkCounts(client, server, placed, shard, counts);
  } catch (error) {
    if (error instanceof WinnowError && error.code === "CorruptArtifact") return false;
    throw error;
  }
  await annotate(client, filling, shard, { created: new Date().toISOString() });
  return true;
}

async function fillShards(filling: Filling, shards: readonly ShardToBuild[], ctx: TaskContext): Promise<void> {
  const { server, placed, ingestDir, vectors, making } = filling;
  const writers = new Map(
    shards.map(({ shard, targets }) => [
      shard,
      new ShardWriter((part) => shardName(server, placed, shard, part), targets, ctx.signal),
    ]),
  );
  const statingPages = new FirstOfPages();
  let position = 0;
  let row = 0;
  try {
    for await (const passage of eachPassage(ingestDir)) {
      if (position % REPORT_EVERY === 0) goOn(ctx, ...progressOf(filling, shards, row));
      const count = windowCount(passage);
      const firstStating = statementIn(passage.text) !== null && statingPages.isFirst(passage.page);
      const writer = writers.get(position % placed.shards);
      if (writer) {
        const values = vectors.read(row, count);
        await writer.add("passages", [passageObject(passage, position, values, firstStating, making)]);
        await writer.add("windows", windowObjects(position, values, placed.dim));
      }
      row += count;
      position++;
    }
    for (const writer of writers.values()) await writer.end();
  } finally {
    await Promise.allSettled(Array.from(writers.values(), (writer) => writer.settled()));
  }
}

function progressOf({ placed, vectors }: Filling, shards: readonly ShardToBuild[], row: number) {
  const numbers = shards.map(({ shard }) => shard + 1).join(", ");
  const step = shards[0]!.shard * vectors.count + shards.length * row;
  return [step, placed.shards * vectors.count, `vectors in shards ${numbers} of ${placed.shards}`] as const;
}

/** Marks a shard whole on one server once its counts are right, unless another attempt removed it meanwhile. */
async function complete(client: Weaviate, filling: Filling, shard: number, counts: ShardCounts): Promise<void> {
  for (const part of PARTS) {
    const name = shardName(filling.server, filling.placed, shard, part);
    const there = (await client.find(name)) ? await client.count(name) : 0;
    if (there !== counts[part])
      throw contested(client, name, `holds ${there} objects after ${counts[part]} were written`);
  }
  await annotate(client, filling, shard, { complete: true });
}

/** Changes the notes on a shard's collections on one server. */
async function annotate(
  client: Weaviate,
  { server, placed }: Filling,
  shard: number,
  changes: Partial<CollectionNote>,
): Promise<void> {
  for (const part of PARTS) {
    const name = shardName(server, placed, shard, part);
    const found = await client.find(name);
    const note = found && noteOf(found);
    if (!note) throw contested(client, name, "was removed during the build");
    await client.describe(found, JSON.stringify({ ...note, ...changes }));
  }
}

/** A retry finds the shard whole once the other worker is done. */
function contested({ url }: Weaviate, name: string, what: string): WinnowError {
  return new WinnowError(
    "VectorServerUnavailable",
    `collection ${name} of ${url} ${what}: is another worker filling it too?`,
  );
}

/** Pages follow one another in an ingest artifact, so the last one is enough. */
class FirstOfPages {
  private page: string | null = null;

  isFirst(page: string): boolean {
    const first = page !== this.page;
    this.page = page;
    return first;
  }
}

function goOn(ctx: TaskContext, step: number, of: number, note: string): void {
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "filling the search servers was cancelled");
  ctx.progress({ step, of, note });
}
