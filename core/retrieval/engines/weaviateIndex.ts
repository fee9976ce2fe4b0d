import { createHash } from "node:crypto";
import type { IndexKind, IndexMeta } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { TopK } from "../topK.ts";
import type { IndexPlace, SearchEngine } from "./engine.ts";
import type { VectorIndex } from "./vectorIndex.ts";
import { type Collection, Weaviate } from "./weaviate.ts";

const BATCH_ROWS = 500;
const DIGEST_BLOCK = 4096;
export const AGAIN = "run the pipeline again to build it";
const HNSW = { maxConnections: 32, efConstruction: 120, ef: 256 };

/** A vector database. The digest of the vectors names its collection, so `place.folder` contains no file of it. */
export const weaviateEngine: SearchEngine = {
  backend: "weaviate",
  opens: ["weaviate"],
  wanted: (server) => server?.kind === "weaviate",
  problem: async () => null,
  async build({ server }, kind, vectors, ctx) {
    if (!server) throw new WinnowError("BadInput", "no vector database is configured: set WINNOW_VECTORS");
    return { kind, collection: await buildWeaviateIndex(server, kind, vectors, ctx) };
  },
  open: (place, meta) => openCollection(place, meta),
  verify: async (place, meta) => (await openCollection(place, meta)).close(),
};

async function openCollection({ folder, server }: IndexPlace, meta: IndexMeta): Promise<VectorIndex> {
  if (server) return openWeaviateIndex(server, meta);
  throw new WinnowError(
    "BadInput",
    `the vectors of ${folder} are in a vector database (collection ..._${meta.collection}), but none is configured: set WINNOW_VECTORS`,
  );
}

/** The description of a collection, for `gc` and for people. */
export interface CollectionNote {
  by: "winnow";
  vectors: number;
  dim: number;
  /** When the collection was created, or a build last found it whole: `gc` spares it for the grace time from then on. */
  created: string;
  /** True once the collection contains all vectors; before that it is not opened. */
  complete: boolean;
}

/** Name of the collection for vectors with that digest. */
export function collectionName({ prefix }: Pick<VectorServer, "prefix">, digest: string): string {
  return `${prefix}_${digest}`;
}

/** Winnow's note on a collection; null if Winnow did not create it. */
export function noteOf({ description }: Pick<Collection, "description">): CollectionNote | null {
  try {
    const note = JSON.parse(description) as CollectionNote;
    return note.by === "winnow" ? note : null;
  } catch {
    return null;
  }
}

/**
 * Writes all vectors to a collection named by their digest. Equal vectors thus share a collection, and different ones
 * cannot mix. A complete collection is reused. An incomplete one is created again instead of resumed: if the server
 * died during the import, rows may exist that a search does not find. Returns the digest.
 *
 * Throws `Cancelled`, `VectorServerUnavailable`, `VectorServerRefused`.
 */
export async function buildWeaviateIndex(
  server: VectorServer,
  kind: IndexKind,
  vectors: Vectors,
  ctx: TaskContext,
): Promise<string> {
  const client = new Weaviate(server);
  const digest = digestOf(kind, vectors);
  const name = collectionName(server, digest);
  const wanted = schemaOf(server, name, kind, vectors);
  const found = await client.find(name);
  if (found && noteOf(found)?.complete) {
    checkSchema(server, found, wanted);
    await checkCount(client, server, name, vectors.count);
    return digest;
  }
  if (found) await client.drop(name);
  await client.create(wanted);
  await putRows(client, name, vectors, ctx);
  await complete(client, server, name, vectors.count);
  return digest;
}

async function putRows(client: Weaviate, name: string, vectors: Vectors, ctx: TaskContext): Promise<void> {
  for (let start = 0; start < vectors.count; start += BATCH_ROWS) {
    if (ctx.signal.aborted) throw new WinnowError("Cancelled", "filling the vector database was cancelled");
    const rows = Math.min(BATCH_ROWS, vectors.count - start);
    await client.put(name, start, vectors.read(start, rows), vectors.dim, ctx.signal);
    ctx.progress({ step: start + rows, of: vectors.count, note: "vectors in the vector database" });
  }
  await flush(client, name, vectors, ctx);
}

/**
 * Makes the last rows survive a crash of the server. Weaviate flushes the graph's log before the rows of a batch are in
 * the graph (1.35, shard_write_batch_objects.go), so a crash silently loses the last ones. Writing existing rows again
 * changes nothing and flushes the log; a batch of them reaches every shard.
 */
async function flush(client: Weaviate, name: string, vectors: Vectors, ctx: TaskContext): Promise<void> {
  const rows = Math.min(BATCH_ROWS, vectors.count);
  if (rows === 0) return;
  const first = vectors.count - rows;
  await client.put(name, first, vectors.read(first, rows), vectors.dim, ctx.signal);
}

/** Marks the collection as complete, so that it can be opened, unless another attempt removed it meanwhile. */
async function complete(client: Weaviate, { url }: VectorServer, name: string, count: number): Promise<void> {
  const found = await client.find(name);
  const note = found && noteOf(found);
  const there = note ? await client.count(name) : 0;
  if (note && there === count) return client.describe(found, JSON.stringify({ ...note, complete: true }));
  throw new WinnowError(
    "VectorServerUnavailable",
    `collection ${name} of ${url} holds ${there} vectors after ${count} were written: is another worker filling it too?`,
  );
}

/**
 * Opens the index of a build-index artifact on the server. Throws `MissingArtifact` if its collection does not exist,
 * `CorruptArtifact` if it has another number of vectors, `VectorServerUnavailable`, `VectorServerRefused`.
 */
export async function openWeaviateIndex(server: VectorServer, meta: IndexMeta): Promise<VectorIndex> {
  const client = new Weaviate(server);
  const { kind, count, dim } = meta;
  const name = collectionName(server, meta.collection ?? "");
  const found = await client.find(name);
  if (found === null)
    throw new WinnowError(
      "MissingArtifact",
      `${server.url} has no collection ${name}, which this release needs: set WINNOW_VECTORS to the server that has it, or ${AGAIN}`,
    );
  checkSchema(server, found, schemaOf(server, name, kind, meta));
  if (!noteOf(found)?.complete)
    throw new WinnowError("CorruptArtifact", `collection ${name} of ${server.url} was never completed: ${AGAIN}`);
  await checkCount(client, server, name, count);
  return {
    kind,
    backend: "weaviate",
    count,
    dim,
    async search(query, k) {
      const best = new TopK(Math.min(k, count));
      if (count === 0 || k === 0) return best.sorted();
      for (const { row, score } of await client.search(name, query, Math.min(k, count))) best.offer(row, score);
      return best.sorted();
    },
    close() {},
  };
}

async function checkCount(client: Weaviate, server: VectorServer, name: string, count: number): Promise<void> {
  const there = await client.count(name);
  if (there === count) return;
  throw new WinnowError(
    "CorruptArtifact",
    `collection ${name} of ${server.url} holds ${there} vectors, expected ${count}: delete it there, then ${AGAIN}`,
  );
}

/** Schema of a collection to be filled with vectors. */
export function schemaOf(
  { replicas }: Pick<VectorServer, "replicas">,
  name: string,
  kind: IndexKind,
  { count, dim }: Pick<Vectors, "count" | "dim">,
): Collection {
  const note: CollectionNote = {
    by: "winnow",
    vectors: count,
    dim,
    created: new Date().toISOString(),
    complete: false,
  };
  return {
    class: name,
    description: JSON.stringify(note),
    vectorizer: "none",
    vectorIndexType: kind,
    vectorIndexConfig: { distance: "dot", ...(kind === "hnsw" ? HNSW : {}) },
    replicationConfig: { factor: replicas },
  };
}

/** Throws `VectorServerRefused` if the collection has other search settings than Winnow's. */
function checkSchema(server: VectorServer, found: Collection, wanted: Collection): void {
  const settings = ({ vectorIndexType, vectorizer, vectorIndexConfig }: Collection) =>
    `${vectorIndexType} ${vectorizer} ${Object.keys(wanted.vectorIndexConfig)
      .map((key) => `${key} ${vectorIndexConfig?.[key]}`)
      .join(" ")}`;
  if (settings(found) === settings(wanted)) return;
  throw new WinnowError(
    "VectorServerRefused",
    `collection ${found.class} of ${server.url} is "${settings(found)}", expected "${settings(wanted)}": delete it, or use another prefix in WINNOW_VECTORS`,
  );
}

/** Covers settings, model and every bit of every vector. */
export function digestOf(kind: IndexKind, vectors: Vectors): string {
  const hash = createHash("sha256").update(JSON.stringify([kind, HNSW, vectors.dim, vectors.modelDigest]));
  for (let start = 0; start < vectors.count; start += DIGEST_BLOCK) {
    const block = vectors.read(start, Math.min(DIGEST_BLOCK, vectors.count - start));
    hash.update(new Uint8Array(block.buffer));
  }
  return hash.digest("hex").slice(0, 32);
}
