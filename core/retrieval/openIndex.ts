import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../errors.ts";
import { openExact } from "./exact.ts";
import { loadFaiss, openFaissFile } from "./faiss.ts";
import type { IndexMeta, VectorIndex } from "./vectorIndex.ts";
import type { Vectors } from "./vectors.ts";

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
 * Opens the vector index of a build-index artifact with FAISS, or, where the addon cannot be loaded, searches `vectors`
 * exactly; `backend` of the result says which. Throws `CorruptArtifact` when index and vectors do not belong together.
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
  const addon = await loadFaiss();
  if (!("faiss" in addon)) return openExact(vectors);
  return openFaissFile(addon.faiss, meta.kind, join(folder, "index.faiss"), vectors.count, vectors.dim);
}
