import { join } from "node:path";
import { readValue, writeValue } from "./files.ts";

/** Files of a build-index artifact, beside those of BM25 (bm25File.ts). */
const META = "meta.json";
const VECTORS = "index.faiss";

/** `flat` is exact; `hnsw` is approximate, for corpora where exact search would be slow. */
export type IndexKind = "flat" | "hnsw";

/**
 * `faiss` is the native addon; `exact` the same search in plain TypeScript, where the addon is not to be had; `weaviate`
 * a vector database, where the operator named one.
 */
export type IndexBackend = "faiss" | "exact" | "weaviate";

/** Description of the index in a build-index artifact. */
export interface IndexMeta {
  kind: IndexKind;
  /** What built it; what searches is decided where it is opened. */
  backend: IndexBackend;
  count: number;
  dim: number;
  /** Share of the exact 100 nearest that the index finds, over sampled queries. */
  recallAt100: number;
  /** Digest of the model whose vectors these are. */
  modelDigest: string;
  /** Digest of vectors and settings, which names the collection of a vector database. */
  collection?: string;
}

/** Writes the description of the index. */
export function writeIndexMeta(outDir: string, meta: IndexMeta): Promise<void> {
  return writeValue(outDir, META, meta);
}

/** Reads the description of the index. Throws `CorruptArtifact`. */
export function readIndexMeta(buildIndexDir: string): Promise<IndexMeta> {
  return readValue<IndexMeta>(buildIndexDir, META);
}

/** The index of vectors in FAISS's format; absent where they lie in a vector database. */
export function vectorIndexFile(buildIndexDir: string): string {
  return join(buildIndexDir, VECTORS);
}
