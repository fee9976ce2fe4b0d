import { mkdir } from "node:fs/promises";
import { type IndexMeta, writeIndexMeta } from "../../artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import type { WorkContext } from "../../base/progress.ts";
import { buildRemoteCorpus } from "../../retrieval/corpora/build.ts";
import { cosineSpread } from "../../retrieval/cosineScale.ts";
import { buildVectorIndex } from "../../retrieval/engines/index.ts";
import { buildLexicalIndex } from "../../retrieval/lexicalIndex.ts";

export interface BuildIndexArgs {
  /** Ingest artifact. */
  passagesDir: string;
  /** Embed artifacts, in any order. */
  embedDirs: string[];
  outDir: string;
}

export interface BuildIndexReport extends IndexMeta {
  seconds: number;
  /** Why FAISS was not used, or `null` if it was. */
  fallback: string | null;
}

/**
 * Builds a build-index artifact: the vector index, the BM25 index and their metadata. Without the FAISS addon, plain
 * TypeScript writes the same exact index file. If a vector database is configured, the index is a collection there
 * instead of a file. If search servers are configured, they hold passages and BM25 too. Measures and stores the recall
 * against exact search.
 *
 * Throws `CorruptArtifact` when passages and vectors do not belong together, `Cancelled`, `VectorServerUnavailable`,
 * `VectorServerRefused`.
 */
export async function buildIndex(args: BuildIndexArgs, ctx: WorkContext): Promise<BuildIndexReport> {
  const started = performance.now();
  const vectors = await openVectors(args.embedDirs);
  try {
    await mkdir(args.outDir, { recursive: true });
    const { fallback, ...built } = await buildWhere(args, vectors, ctx);
    const cosines = cosineSpread(vectors);
    const meta: IndexMeta = cosines ? { ...built, cosines } : built;
    await writeIndexMeta(args.outDir, meta);
    return { ...meta, fallback, seconds: (performance.now() - started) / 1000 };
  } finally {
    vectors.close();
  }
}

async function buildWhere(
  { passagesDir, outDir }: BuildIndexArgs,
  vectors: Vectors,
  ctx: WorkContext,
): ReturnType<typeof buildVectorIndex> {
  const server = ctx.compute.vectors;
  if (server?.corpus)
    return { ...(await buildRemoteCorpus(server, passagesDir, vectors, outDir, ctx)), fallback: null };
  await buildLexicalIndex(passagesDir, vectors.count, outDir, ctx);
  return buildVectorIndex(outDir, vectors, ctx);
}
