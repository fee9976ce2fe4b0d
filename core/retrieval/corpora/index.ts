import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { type IndexMeta, isHeldElsewhere, readIndexMeta } from "../../artifacts/searchIndex.ts";
import type { VectorServer } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import type { CosineScale } from "../cosineScale.ts";
import { verifyIndex } from "../openIndex.ts";
import type { SearchCorpus } from "./corpus.ts";
import { openLocalCorpus } from "./local.ts";
import { WeaviateCorpus } from "./weaviate/corpus.ts";
import { openShards, verifyWeaviateCorpus } from "./weaviate/open.ts";

/**
 * Opens the corpus of a build-index artifact, in memory or on search servers. Throws as {@link openLocalCorpus} or
 * {@link openShards}, and `BadInput` if no search server is configured for a corpus that needs one.
 */
export async function openCorpus(
  dirs: CorpusDirs,
  meta: IndexMeta,
  scale: CosineScale,
  server: VectorServer | null,
): Promise<SearchCorpus> {
  if (!isHeldElsewhere(meta)) return openLocalCorpus(dirs, scale, server);
  const held = await openShards(dirs.buildIndexDir, meta, scale, requireSearch(dirs.buildIndexDir, server));
  return new WeaviateCorpus(held);
}

/** Checks that the servers have what a corpus held elsewhere needs. Throws as {@link openCorpus}. */
export async function verifyCorpus(folder: string, server: VectorServer | null): Promise<void> {
  const meta = await readIndexMeta(folder);
  if (isHeldElsewhere(meta)) await verifyWeaviateCorpus(folder, meta, requireSearch(folder, server));
  else await verifyIndex(folder, server);
}

function requireSearch(folder: string, server: VectorServer | null): VectorServer {
  if (server?.corpus) return server;
  throw new WinnowError(
    "BadInput",
    `passages and vectors of ${folder} are on search servers, but none is configured: set WINNOW_SEARCH`,
  );
}
