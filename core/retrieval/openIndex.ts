import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../errors.ts";
import { openExact } from "./exact.ts";
import { loadFaiss, openFaissFile } from "./faiss.ts";
import type { IndexMeta, VectorIndex } from "./vectorIndex.ts";
import { type VectorServer, vectorServer } from "./vectorServer.ts";
import type { Vectors } from "./vectors.ts";
import { openWeaviateIndex } from "./weaviateIndex.ts";

/** Reads `meta.json` of a build-index artifact. Throws `CorruptArtifact`. */
export async function readIndexMeta(folder: string): Promise<IndexMeta> {
  const path = join(folder, "meta.json");
  try {
    return JSON.parse(await readFile(path, "utf8")) as IndexMeta;
  } catch (cause) {
    throw new WinnowError("CorruptArtifact", `${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Opens the vector index of a build-index artifact where it was built: in the vector database, or with FAISS, or, where
 * the addon cannot be loaded, by searching `vectors` exactly; `backend` of the result says which. Throws
 * `CorruptArtifact` when index and vectors do not belong together, `BadInput` when no database is named for an index
 * that lies in one.
 */
export async function openVectorIndex(folder: string, vectors: Vectors): Promise<VectorIndex> {
  const meta = await readIndexMeta(folder);
  if (meta.count !== vectors.count || meta.dim !== vectors.dim || meta.modelDigest !== vectors.modelDigest) {
    throw new WinnowError(
      "CorruptArtifact",
      `${folder} was built from other vectors: ${meta.count} x ${meta.dim} of model ${meta.modelDigest.slice(0, 12)}, ` +
        `expected ${vectors.count} x ${vectors.dim} of ${vectors.modelDigest.slice(0, 12)}`,
    );
  }
  if (meta.backend === "weaviate") return openCollection(folder, meta, vectorServer());
  const addon = await loadFaiss();
  if (!("faiss" in addon)) return openExact(vectors);
  return openFaissFile(addon.faiss, meta.kind, join(folder, "index.faiss"), vectors.count, vectors.dim);
}

/**
 * Checks that what an index needs beyond the files of its artifact is there: its collection, where it lies in a vector
 * database. Throws as {@link openVectorIndex}.
 */
export async function verifyIndex(folder: string, server: VectorServer | null): Promise<void> {
  const meta = await readIndexMeta(folder);
  if (meta.backend === "weaviate") (await openCollection(folder, meta, server)).close();
}

async function openCollection(folder: string, meta: IndexMeta, server: VectorServer | null): Promise<VectorIndex> {
  if (server) return openWeaviateIndex(server, meta);
  throw new WinnowError(
    "BadInput",
    `the vectors of ${folder} lie in a vector database (collection ..._${meta.collection}), but none is named: set WINNOW_VECTORS`,
  );
}
