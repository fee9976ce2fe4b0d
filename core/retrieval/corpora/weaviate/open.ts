import type { IndexMeta } from "../../../artifacts/searchIndex.ts";
import { TermTable } from "../../../artifacts/termsFile.ts";
import type { VectorServer } from "../../../base/compute.ts";
import { WinnowError } from "../../../base/errors.ts";
import type { CosineScale } from "../../cosineScale.ts";
import { type Collection, Weaviate } from "../../engines/weaviate.ts";
import { AGAIN } from "../../engines/weaviateIndex.ts";
import { HeldShards } from "./held.ts";
import { requireExactBm25 } from "./probe.ts";
import { type Host, Replicas } from "./replicas.ts";
import { checkCounts, type Placed, type ShardCounts, shardName, stateOf, targetsOf } from "./shards.ts";

/** The collections of a server, or why they are unknown. */
interface Seen {
  host: Host;
  found: Collection[] | WinnowError;
}

/**
 * Opens the shards of a corpus on the search servers of `WINNOW_SEARCH`. A server that is down is used once it is back.
 *
 * Throws `MissingArtifact` if no server has one of the shards whole, `VectorServerUnavailable` if one that is down may
 * have it, `CorruptArtifact` if the terms are of another corpus, `VectorServerRefused`.
 */
export async function openShards(
  folder: string,
  meta: IndexMeta,
  scale: CosineScale,
  server: VectorServer,
): Promise<HeldShards> {
  const table = await TermTable.open(folder);
  try {
    const { placed, counts } = placedOf(meta, table);
    const seen = await Promise.all(server.corpus!.urls.map((url) => look(server, url)));
    const shards = counts.map((count, shard) => {
      const names = {
        windows: shardName(server, placed, shard, "windows"),
        passages: shardName(server, placed, shard, "passages"),
      };
      return { counts: count, names, replicas: replicasOf(server, placed, shard, seen) };
    });
    return new HeldShards({ kind: meta.kind, shards, table, scale });
  } catch (error) {
    table.close();
    throw error;
  }
}

/** Checks that every server that should have a shard has it whole. Throws as {@link openShards}. */
export async function verifyWeaviateCorpus(folder: string, meta: IndexMeta, server: VectorServer): Promise<void> {
  const table = await TermTable.open(folder);
  table.close();
  const { placed, counts } = placedOf(meta, table);
  const listed = new Map<string, Collection[]>();
  for (const [shard, count] of counts.entries())
    for (const url of targetsOf(server, shard)) {
      const client = new Weaviate({ ...server, url });
      const found = listed.get(url) ?? (await client.list());
      listed.set(url, found);
      if (stateOf(found, server, placed, shard) !== "complete") throw lacking(server, placed, shard, url);
      await checkCounts(client, server, placed, shard, count);
    }
}

function placedOf(meta: IndexMeta, table: TermTable): { placed: Placed; counts: ShardCounts[] } {
  const { collection, kind, dim, shards = [], passages } = meta;
  if (collection === undefined || table.passages !== passages)
    throw new WinnowError(
      "CorruptArtifact",
      `the index is of ${passages} passages, but its terms are of ${table.passages}`,
    );
  return { placed: { digest: collection, kind, dim, shards: shards.length, k1: table.settings.k1 }, counts: shards };
}

async function look(server: VectorServer, url: string): Promise<Seen> {
  const host = { url, client: new Weaviate({ ...server, url }), avoidedUntil: 0 };
  try {
    await requireExactBm25(server, host.client);
    return { host, found: await host.client.list() };
  } catch (error) {
    if (error instanceof WinnowError && error.code === "VectorServerUnavailable") return { host, found: error };
    throw error;
  }
}

/** The servers that have a shard, and those that could not be asked. */
function replicasOf(server: VectorServer, placed: Placed, shard: number, seen: readonly Seen[]): Replicas {
  const known = seen.filter(({ found }) => has(found, server, placed, shard));
  const unknown = seen.filter(({ found }) => found instanceof WinnowError);
  if (known.length === 0) throw unknown[0]?.found ?? lacking(server, placed, shard, server.corpus!.urls.join(", "));
  const replicas = [
    ...known.map(({ host }) => ({ host, ready: async () => {} })),
    ...unknown.map(({ host }) => ({ host, ready: onceHeld(() => requireShard(host, server, placed, shard)) })),
  ];
  return new Replicas(replicas);
}

function has(found: Seen["found"], server: VectorServer, placed: Placed, shard: number): boolean {
  return !(found instanceof WinnowError) && stateOf(found, server, placed, shard) === "complete";
}

async function requireShard(host: Host, server: VectorServer, placed: Placed, shard: number): Promise<void> {
  await requireExactBm25(server, host.client);
  if (!has(await host.client.list(), server, placed, shard)) throw lacking(server, placed, shard, host.url);
}

/** Runs a check until it passes once. */
function onceHeld(check: () => Promise<void>): () => Promise<void> {
  let held = false;
  return async () => {
    if (held) return;
    await check();
    held = true;
  };
}

function lacking(server: VectorServer, placed: Placed, shard: number, where: string): WinnowError {
  const name = shardName(server, placed, shard, "passages");
  return new WinnowError(
    "MissingArtifact",
    `${where} has no whole collection ${name}, which this release needs: set WINNOW_SEARCH to the servers that have it, or ${AGAIN}`,
  );
}
