import type { IndexKind } from "../../../artifacts/searchIndex.ts";
import type { VectorServer } from "../../../base/compute.ts";
import { WinnowError } from "../../../base/errors.ts";
import type { Collection, Property, Weaviate } from "../../engines/weaviate.ts";
import { AGAIN, collectionName, noteOf, schemaOf } from "../../engines/weaviateIndex.ts";

/**
 * A term is written as often as its frequency, normalised by our own rules, times this. With `b` of 0 and `k1` times
 * this, the server's BM25 then saturates as ours does, and its ranking comes close; our scores order what it finds.
 */
export const REPEATS = 4;

/** A corpus on search servers. */
export interface Placed {
  /** Digest of content and settings. */
  digest: string;
  kind: IndexKind;
  dim: number;
  /** Parts of the corpus; a passage is in the one of its position, modulo this. */
  shards: number;
  k1: number;
}

/** What a collection holds. */
export type Part = "windows" | "passages";
export const PARTS: readonly Part[] = ["windows", "passages"];

/** Name of a shard's collection, the same on every server that has it. */
export function shardName(server: Pick<VectorServer, "prefix">, { digest }: Placed, shard: number, part: Part): string {
  return `${collectionName(server, digest)}_${shard}_${part}`;
}

/**
 * Schema of a shard's collection. Windows are vectors alone, so that a search by vector reads nothing else; passages
 * have no vector in the index.
 */
export function shardSchema(
  server: VectorServer,
  placed: Placed,
  shard: number,
  part: Part,
  count: number,
): Collection {
  const { kind, dim, k1 } = placed;
  const name = shardName(server, placed, shard, part);
  // Winnow places the replicas itself: to a server, each collection is the only copy.
  const alone = { replicas: 1 };
  if (part === "windows") return schemaOf(alone, name, kind, { count, dim });
  return {
    ...schemaOf(alone, name, "hnsw", { count, dim }),
    vectorIndexConfig: { skip: true },
    invertedIndexConfig: { bm25: { k1: k1 * REPEATS, b: 0 }, stopwords: { preset: "none" } },
    properties: [
      { ...text("tokens"), tokenization: "whitespace", indexSearchable: true },
      ...["key", "page", "statingTitle", "statingPage"].map((field) => ({ ...text(field), indexFilterable: true })),
      ...["passage", "postings", "windows"].map(text),
    ],
  };
}

/** A text that is stored, in no index. */
export function text(name: string): Property {
  return { name, dataType: ["text"], tokenization: "field", indexSearchable: false, indexFilterable: false };
}

/** Whether a server has a shard whole, and if not, why. */
export type ShardState = "complete" | "missing" | "incomplete";

/** The state of a shard by the collections of one server, without its counts. */
export function stateOf(
  found: readonly Collection[],
  server: Pick<VectorServer, "prefix">,
  placed: Placed,
  shard: number,
): ShardState {
  const parts = PARTS.map((part) => found.find(({ class: name }) => name === shardName(server, placed, shard, part)));
  if (parts.every((part) => part && noteOf(part)?.complete)) return "complete";
  return parts.some((part) => part) ? "incomplete" : "missing";
}

/** Objects of a shard, as counted while it was built. */
export interface ShardCounts {
  windows: number;
  passages: number;
}

/** Throws `CorruptArtifact` if a collection of the shard holds another number of objects than it was built with. */
export async function checkCounts(
  client: Weaviate,
  server: VectorServer,
  placed: Placed,
  shard: number,
  counts: ShardCounts,
): Promise<void> {
  for (const part of PARTS) {
    const name = shardName(server, placed, shard, part);
    requireCount(name, await client.count(name), counts[part]);
  }
}

/** Throws `CorruptArtifact` for another number than expected: an answer from fewer objects would be a wrong one. */
export function requireCount(name: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new WinnowError("CorruptArtifact", `collection ${name} holds ${found} objects, expected ${expected}: ${AGAIN}`);
}

/** Where Winnow puts a shard: on consecutive servers, so that the loss of one spreads its work over all others. */
export function targetsOf({ corpus, replicas }: VectorServer, shard: number): string[] {
  const { urls } = corpus!;
  return Array.from({ length: Math.min(replicas, urls.length) }, (_, copy) => urls[(shard + copy) % urls.length]!);
}
