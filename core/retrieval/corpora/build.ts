import { readFirstRows } from "../../artifacts/passages.ts";
import type { IndexKind, IndexMeta } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import type { TaskContext } from "../../base/progress.ts";
import { kindFor } from "../engines/index.ts";
import type { VectorIndex } from "../engines/vectorIndex.ts";
import { recallAgainstExact } from "../recall.ts";
import { TopK } from "../topK.ts";
import { buildWeaviateCorpus } from "./weaviate/build.ts";
import type { HeldShards } from "./weaviate/held.ts";
import { openShards } from "./weaviate/open.ts";
import { windowsNear } from "./weaviate/search.ts";

/**
 * Writes a corpus to the search servers and measures the recall of its vector search. The caller writes the artifact's
 * `meta.json`. Throws as `buildWeaviateCorpus`.
 */
export async function buildRemoteCorpus(
  server: VectorServer,
  ingestDir: string,
  vectors: Vectors,
  outDir: string,
  ctx: TaskContext,
  kind: IndexKind = kindFor(vectors.count),
): Promise<IndexMeta> {
  const { count, dim, modelDigest } = vectors;
  const built = await buildWeaviateCorpus(server, kind, ingestDir, vectors, outDir, ctx);
  const shards = built.counts;
  const passages = shards.reduce((sum, shard) => sum + shard.passages, 0);
  const where = { collection: built.digest, passages, shards };
  const meta: IndexMeta = { kind, backend: "weaviate", recallAt100: 1, count, dim, modelDigest, ...where };
  if (kind === "flat") return meta;
  return { ...meta, recallAt100: await measureRecall(server, ingestDir, vectors, outDir, meta) };
}

/** recall@100 of a corpus on search servers, by those that are up. @param folder of the build-index artifact. */
export async function measureRecall(
  server: VectorServer,
  ingestDir: string,
  vectors: Vectors,
  folder: string,
  meta: IndexMeta,
): Promise<number> {
  const held = await openShards(folder, meta, (cosine) => cosine, server);
  try {
    const index = rowsOf(held, await readFirstRows(ingestDir, meta.passages!), vectors);
    return await recallAgainstExact(index, vectors);
  } finally {
    held.table.close();
  }
}

/** The windows of a corpus as an index of rows. */
function rowsOf(held: HeldShards, firstRows: Uint32Array, { count, dim }: Vectors): VectorIndex {
  return {
    ...{ kind: held.kind, backend: "weaviate", count, dim },
    async search(query, k) {
      const best = new TopK(Math.min(k, count));
      for (const { position, window, score } of await windowsNear(held, query, k))
        best.offer(firstRows[position]! + window, score);
      return best.sorted();
    },
    close() {},
  };
}
