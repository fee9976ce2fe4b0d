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
import { Weaviate, type WrittenObject } from "../../engines/weaviate.ts";
import { type CollectionNote, noteOf } from "../../engines/weaviateIndex.ts";
import { type Fields, meanLength } from "../../termImpact.ts";
import { corpusDigest } from "./digest.ts";
import { type Making, passageObject, termsOf, windowObjects } from "./passageObject.ts";
import { requireExactBm25 } from "./probe.ts";
import {
  checkCounts,
  PARTS,
  type Part,
  type Placed,
  type ShardCounts,
  shardName,
  shardSchema,
  stateOf,
  targetsOf,
} from "./shards.ts";

const BATCH = 300;
const REPORT_EVERY = 2048;

/** A corpus that was written, as the artifact's metadata records it. */
export interface BuiltCorpus extends Placed {
  counts: ShardCounts[];
}

/**
 * Writes a corpus to the search servers: each shard whole on as many servers as there are replicas, and the terms into
 * `outDir`. A shard that a server has whole is kept, so a build that failed goes on with the shard it was at. A shard
 * that is there in part, or lost objects, is written again: a server that died during a write may have rows that no
 * search finds.
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
    for (let shard = 0; shard < shards; shard++) {
      const targets = targetsOf(server, shard).map((url) => clients.get(url)!);
      await buildShard(filling, shard, mean.counts[shard]!, targets, ctx);
    }
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

/** Makes a shard whole on each of its servers. */
async function buildShard(
  filling: Filling,
  shard: number,
  counts: ShardCounts,
  targets: readonly Weaviate[],
  ctx: TaskContext,
): Promise<void> {
  const { server, placed } = filling;
  const lacking: Weaviate[] = [];
  for (const client of targets) {
    if (!(await isWhole(client, filling, shard, counts))) lacking.push(client);
  }
  if (lacking.length === 0) return;
  await Promise.all(
    lacking.map(async (client) => {
      for (const part of PARTS) {
        await client.drop(shardName(server, placed, shard, part));
        await client.create(shardSchema(server, placed, shard, part, counts[part]));
      }
    }),
  );
  await fillShard(filling, shard, lacking, ctx);
  for (const client of lacking) await complete(client, filling, shard, counts);
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

async function fillShard(
  filling: Filling,
  shard: number,
  clients: readonly Weaviate[],
  ctx: TaskContext,
): Promise<void> {
  const { server, placed, ingestDir, vectors, making } = filling;
  const pending: Record<Part, WrittenObject[]> = { windows: [], passages: [] };
  const last: Partial<Record<Part, WrittenObject[]>> = {};
  const put = async (part: Part, objects: WrittenObject[]) => {
    const name = shardName(server, placed, shard, part);
    await Promise.all(clients.map((client) => client.write(name, objects, ctx.signal)));
  };
  const flush = async (part: Part) => {
    if (pending[part].length === 0) return;
    last[part] = pending[part];
    pending[part] = [];
    await put(part, last[part]!);
  };
  const statingPages = new FirstOfPages();
  let position = 0;
  let row = 0;
  for await (const passage of eachPassage(ingestDir)) {
    const count = windowCount(passage);
    const firstStating = statementIn(passage.text) !== null && statingPages.isFirst(passage.page);
    if (position % placed.shards === shard) {
      const values = vectors.read(row, count);
      pending.passages.push(passageObject(passage, position, values, firstStating, making));
      pending.windows.push(...windowObjects(position, values, placed.dim));
      for (const part of PARTS) if (pending[part].length >= BATCH) await flush(part);
    }
    if (position % REPORT_EVERY === 0)
      goOn(
        ctx,
        shard * vectors.count + row,
        placed.shards * vectors.count,
        `vectors in shard ${shard + 1} of ${placed.shards}`,
      );
    row += count;
    position++;
  }
  for (const part of PARTS) await flush(part);
  // The server's log of a batch is written with the next one, so a crash would lose the last (weaviateIndex.ts).
  for (const part of PARTS) if (last[part]) await put(part, last[part]!);
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
