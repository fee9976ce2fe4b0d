import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WorkContext } from "../../base/progress.ts";
import { buildVectorIndex } from "../../retrieval/engines/index.ts";
import type { IndexMeta } from "../../retrieval/engines/vectorIndex.ts";
import { buildLexicalIndex } from "../../retrieval/lexicalIndex.ts";
import { openVectors } from "../../retrieval/vectors.ts";

export interface BuildIndexArgs {
  /** Ingest artifact. */
  passagesDir: string;
  /** Embed artifacts, in any order. */
  embedDirs: string[];
  outDir: string;
}

export interface BuildIndexReport extends IndexMeta {
  seconds: number;
  /** Why FAISS was not used; `null` where it was. */
  fallback: string | null;
}

/**
 * Builds `index.faiss`, the BM25 index and `meta.json`. Without the addon the same exact index file is written in plain
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
    await buildLexicalIndex(join(args.passagesDir, "passages.jsonl"), vectors.count, args.outDir, ctx);
    const { fallback, ...meta } = await buildVectorIndex(args.outDir, vectors, ctx);
    await writeFile(join(args.outDir, "meta.json"), `${JSON.stringify(meta, null, 2)}\n`);
    return { ...meta, fallback, seconds: (performance.now() - started) / 1000 };
  } finally {
    vectors.close();
  }
}
