import { mkdir } from "node:fs/promises";
import { type IndexMeta, vectorIndexFile, writeIndexMeta } from "../../artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import type { WorkContext } from "../../base/progress.ts";
import { buildFaissFile, loadFaiss, openFaissFile } from "../../retrieval/engines/faiss.ts";
import { writeFlatFile } from "../../retrieval/engines/faissFile.ts";
import { buildWeaviateIndex, openWeaviateIndex } from "../../retrieval/engines/weaviateIndex.ts";
import { buildLexicalIndex } from "../../retrieval/lexicalIndex.ts";
import { recallAgainstExact } from "../../retrieval/recall.ts";

export interface BuildIndexArgs {
  /** Ingest artifact. */
  passagesDir: string;
  /** Embed artifacts, in any order. */
  embedDirs: string[];
  outDir: string;
  /** Largest corpus searched exactly; past it the index is HNSW. */
  exactUpTo?: number;
}

export interface BuildIndexReport extends IndexMeta {
  seconds: number;
  /** Why FAISS was not used; `null` where it was. */
  fallback: string | null;
}

/**
 * Builds the index of vectors, the BM25 index and what says what they hold. Without the addon the same exact index file is written in plain
 * TypeScript. Where the operator named a vector database, the index is a collection there instead of the file. Recall
 * against exact search is measured and stored.
 *
 * Throws `CorruptArtifact` when passages and vectors do not belong together, `Cancelled`, `VectorServerUnavailable`,
 * `VectorServerRefused`.
 */
export async function buildIndex(args: BuildIndexArgs, ctx: WorkContext): Promise<BuildIndexReport> {
  const started = performance.now();
  const vectors = await openVectors(args.embedDirs);
  try {
    await mkdir(args.outDir, { recursive: true });
    await buildLexicalIndex(args.passagesDir, vectors.count, args.outDir, ctx);
    const { fallback, ...meta } = await buildVectorIndex(args, vectors, ctx);
    await writeIndexMeta(args.outDir, meta);
    return { ...meta, fallback, seconds: (performance.now() - started) / 1000 };
  } finally {
    vectors.close();
  }
}

async function buildVectorIndex(
  { outDir, exactUpTo = 50_000 }: BuildIndexArgs,
  vectors: Vectors,
  ctx: WorkContext,
): Promise<IndexMeta & Pick<BuildIndexReport, "fallback">> {
  const { count, dim, modelDigest } = vectors;
  const of = { count, dim, modelDigest };
  const kind = count > exactUpTo ? "hnsw" : "flat";
  const server = ctx.compute.vectors;
  if (server) {
    const collection = await buildWeaviateIndex(server, kind, vectors, ctx);
    const meta: IndexMeta = { kind, backend: "weaviate", recallAt100: 0, ...of, collection };
    const recallAt100 = await recallAgainstExact(await openWeaviateIndex(server, meta), vectors);
    return { ...meta, recallAt100, fallback: null };
  }
  const path = vectorIndexFile(outDir);
  const addon = await loadFaiss();
  if (!("faiss" in addon)) {
    writeFlatFile(path, vectors);
    return { kind: "flat", backend: "exact", recallAt100: 1, ...of, fallback: addon.reason };
  }
  await buildFaissFile(addon.faiss, kind, vectors, path, ctx);
  const index = openFaissFile(addon.faiss, kind, path, count, dim);
  const recallAt100 = await recallAgainstExact(index, vectors);
  index.close();
  return { kind, backend: "faiss", recallAt100, ...of, fallback: null };
}
