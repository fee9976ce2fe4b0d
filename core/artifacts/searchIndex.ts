import { join } from "node:path";
import { readValue, writeValue } from "./files.ts";

/** Files of a build-index artifact, in addition to those of BM25 (bm25File.ts). */
const META = "meta.json";
const VECTORS = "index.faiss";

/** `flat` is exact; `hnsw` is approximate, for corpora where exact search would be slow. */
export type IndexKind = "flat" | "hnsw";

/**
 * `faiss` is the native addon. `exact` is the same search in plain TypeScript, used when the addon is unavailable.
 * `weaviate` is a vector database that the operator configured.
 */
export type IndexBackend = "faiss" | "exact" | "weaviate";

/** Cosines of random pairs of a corpus's windows. */
export interface CosineSpread {
  mean: number;
  /** Standard deviation. */
  deviation: number;
}

/** Metadata of the index in a build-index artifact. */
export interface IndexMeta {
  kind: IndexKind;
  /** The engine that built the index; the engine that searches is chosen on opening. */
  backend: IndexBackend;
  count: number;
  dim: number;
  /** Share of the exact 100 nearest that the index finds, over sampled queries. */
  recallAt100: number;
  /** Digest of the model that computed the vectors. */
  modelDigest: string;
  /** What retrieval standardises cosines by. Absent: they stay as they are. */
  cosines?: CosineSpread;
  /** Digest of vectors and settings, which names the collection in a vector database. */
  collection?: string;
  /** Passages of the corpus, if passages and BM25 are in that collection too. */
  passages?: number;
  /** Vectors and passages in each shard, if they are there. */
  shards?: { windows: number; passages: number }[];
}

/** True if a search server holds passages and BM25 too, and not only vectors. */
export function isHeldElsewhere({ passages }: Pick<IndexMeta, "passages">): boolean {
  return passages !== undefined;
}

export function writeIndexMeta(outDir: string, meta: IndexMeta): Promise<void> {
  return writeValue(outDir, META, meta);
}

/** Reads the description of the index. Throws `CorruptArtifact`. */
export function readIndexMeta(buildIndexDir: string): Promise<IndexMeta> {
  return readValue<IndexMeta>(buildIndexDir, META);
}

/** The vector index in FAISS's format; absent if the vectors are in a vector database. */
export function vectorIndexFile(buildIndexDir: string): string {
  return join(buildIndexDir, VECTORS);
}
