import type { Neighbours } from "../topK.ts";

/** `flat` is exact; `hnsw` is approximate, for corpora where exact search would be slow. */
export type IndexKind = "flat" | "hnsw";

/**
 * `faiss` is the native addon; `exact` the same search in plain TypeScript, where the addon is not to be had; `weaviate`
 * a vector database, where the operator named one.
 */
export type IndexBackend = "faiss" | "exact" | "weaviate";

/** Nearest passages by inner product. */
export interface VectorIndex {
  readonly kind: IndexKind;
  readonly backend: IndexBackend;
  readonly count: number;
  readonly dim: number;
  /**
   * The `k` nearest (fewer when there are not as many), best first, ties by position.
   *
   * @param query unit vector of [dim].
   */
  search(query: Float32Array, k: number): Promise<Neighbours>;
  close(): void;
}

/** `meta.json` of a build-index artifact. */
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
