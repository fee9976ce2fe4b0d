import { readIndexMeta } from "../artifacts/searchIndex.ts";
import type { Vectors } from "../artifacts/vectors.ts";
import type { VectorServer } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import { engineOf, engineToOpen } from "./engines/index.ts";
import type { VectorIndex } from "./engines/vectorIndex.ts";

/**
 * Opens the vector index of a build-index artifact: in the vector database, with FAISS, or by exact search of `vectors`
 * if the addon does not load. `backend` of the result is the engine in use. Throws `CorruptArtifact` when index and
 * vectors do not match. Throws `BadInput` when the index is in a vector database and `server` is null.
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
 * Checks that everything an index needs in addition to its artifact's files exists, such as its collection in a vector
 * database. Throws as {@link openVectorIndex}.
 */
export async function verifyIndex(folder: string, server: VectorServer | null): Promise<void> {
  const meta = await readIndexMeta(folder);
  await engineOf(meta.backend).verify({ folder, server }, meta);
}
