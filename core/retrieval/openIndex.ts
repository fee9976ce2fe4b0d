import { readIndexMeta } from "../artifacts/searchIndex.ts";
import type { Vectors } from "../artifacts/vectors.ts";
import type { VectorServer } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import { engineOf, engineToOpen } from "./engines/index.ts";
import type { VectorIndex } from "./engines/vectorIndex.ts";

/**
 * Opens the vector index of a build-index artifact where it was built: in the vector database, or with FAISS, or, where
 * the addon cannot be loaded, by searching `vectors` exactly; `backend` of the result says which. Throws
 * `CorruptArtifact` when index and vectors do not belong together, `BadInput` when `server` is null for an index
 * that lies in one.
 */
export async function openVectorIndex(
  folder: string,
  vectors: Vectors,
  server: VectorServer | null = null,
): Promise<VectorIndex> {
  const meta = await readIndexMeta(folder);
  if (meta.count !== vectors.count || meta.dim !== vectors.dim || meta.modelDigest !== vectors.modelDigest) {
    throw new WinnowError(
      "CorruptArtifact",
      `${folder} was built from other vectors: ${meta.count} x ${meta.dim} of model ${meta.modelDigest.slice(0, 12)}, ` +
        `expected ${vectors.count} x ${vectors.dim} of ${vectors.modelDigest.slice(0, 12)}`,
    );
  }
  return (await engineToOpen(meta.backend)).open({ folder, server }, meta, vectors);
}

/**
 * Checks that what an index needs beyond the files of its artifact is there: its collection, where it lies in a vector
 * database. Throws as {@link openVectorIndex}.
 */
export async function verifyIndex(folder: string, server: VectorServer | null): Promise<void> {
  const meta = await readIndexMeta(folder);
  await engineOf(meta.backend).verify({ folder, server }, meta);
}
