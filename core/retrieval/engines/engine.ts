import type { IndexBackend, IndexKind, IndexMeta } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import type { TaskContext } from "../../base/progress.ts";
import type { VectorIndex } from "./vectorIndex.ts";

/** Where an index lies. */
export interface IndexPlace {
  /** Of the build-index artifact. */
  folder: string;
  /** The vector database that the operator named. */
  server: VectorServer | null;
}

/** What a build reports. `recallAt100` is set where it need not be measured. */
export type Built = Pick<IndexMeta, "kind" | "collection"> & Partial<Pick<IndexMeta, "recallAt100">>;

/** One way to build and search indexes of vectors. */
export interface SearchEngine {
  /** Its name in `meta.json`. */
  readonly backend: IndexBackend;
  /** The backends whose indexes it opens. */
  readonly opens: readonly IndexBackend[];
  /** Whether new indexes are to be built with it, by the vector database that the operator named. */
  wanted(server: VectorServer | null): boolean;
  /** Why it cannot compute here, or null. May load a native library: run it in a child process. */
  problem(): Promise<string | null>;
  /**
   * Builds an index over all vectors; what an earlier attempt left in `place` is replaced.
   *
   * @param kind the kind wanted; an engine may build `flat` instead of `hnsw`.
   * @throws Cancelled, and what the engine's server throws.
   */
  build(place: IndexPlace, kind: IndexKind, vectors: Vectors, ctx: TaskContext): Promise<Built>;
  /** @throws CorruptArtifact, MissingArtifact, BadInput where the index needs a server that is not named. */
  open(place: IndexPlace, meta: IndexMeta, vectors: Vectors): Promise<VectorIndex>;
  /** Checks what an index needs beyond the files of its artifact. Throws as `open`; loads no native library. */
  verify(place: IndexPlace, meta: IndexMeta): Promise<void>;
}
