import type { IndexBackend, IndexKind } from "../../artifacts/searchIndex.ts";
import type { Neighbours } from "../topK.ts";

/** Nearest passages by inner product. */
export interface VectorIndex {
  readonly kind: IndexKind;
  readonly backend: IndexBackend;
  readonly count: number;
  readonly dim: number;
  /**
   * Returns the `k` nearest (fewer if there are fewer), best first, ties by position.
   *
   * @param query unit vector of [dim].
   */
  search(query: Float32Array, k: number): Promise<Neighbours>;
  close(): void;
}
