import type { IndexBackend, IndexKind, IndexMeta } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import type { TaskContext } from "../../base/progress.ts";
import type { VectorIndex } from "./vectorIndex.ts";

/** Location of an index. */
export interface IndexPlace {
  /** Folder of the build-index artifact. */
  folder: string;
  /** The vector database that the operator configured. */
  server: VectorServer | null;
}

/** The result of a build. `recallAt100` is set if it need not be measured. */
export type Built = Pick<IndexMeta, "kind" | "collection"> & Partial<Pick<IndexMeta, "recallAt100">>;

/** One way to build and search indexes of vectors. */
export interface SearchEngine {
  /** Its name in `meta.json`. */
  readonly backend: IndexBackend;
  /** The backends whose indexes this engine opens. */
  readonly opens: readonly IndexBackend[];
  /** Whether new indexes should be built with this engine, given the configured vector database. */
  wanted(server: VectorServer | null): boolean;
  /** Why the engine is unusable here, or null. May load a native library: call it in a child process. */
  problem(): Promise<string | null>;
  /**
   * Builds an index over all vectors; remains of an earlier attempt in `place` are replaced.
   *
   * @param kind the requested kind; an engine may build `flat` instead of `hnsw`.
   *
   * @throws Cancelled, and errors of the engine's server.
   */
  build(place: IndexPlace, kind: IndexKind, vectors: Vectors, ctx: TaskContext): Promise<Built>;
  /** @throws CorruptArtifact, MissingArtifact, BadInput if the index needs a server that is not configured. */
  open(place: IndexPlace, meta: IndexMeta, vectors: Vectors): Promise<VectorIndex>;
  /** Checks what an index needs in addition to its artifact's files. Throws as `open`; loads no native library. */
  verify(place: IndexPlace, meta: IndexMeta): Promise<void>;
}
