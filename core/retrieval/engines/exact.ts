import { join } from "node:path";
import { dotProduct, type Vectors } from "../../artifacts/vectors.ts";
import { WinnowError } from "../../base/errors.ts";
import { type Neighbours, TopK } from "../topK.ts";
import type { SearchEngine } from "./engine.ts";
import { INDEX_FILE, writeFlatFile } from "./faissFile.ts";
import type { VectorIndex } from "./vectorIndex.ts";

const BLOCK_ROWS = 4096;

/**
 * Plain TypeScript, for machines where the addon does not load. Uses FAISS's file format, so each opens the other's
 * indexes.
 */
export const exactEngine: SearchEngine = {
  backend: "exact",
  opens: ["faiss", "exact"],
  wanted: () => true,
  problem: async () => null,
  async build({ folder }, _kind, vectors, ctx) {
    writeFlatFile(join(folder, INDEX_FILE), vectors, (step) => {
      if (ctx.signal.aborted) throw new WinnowError("Cancelled", "building the vector index was cancelled");
      ctx.progress({ step, of: vectors.count, note: "vectors in the flat index" });
    });
    return { kind: "flat", recallAt100: 1 };
  },
  open: async (_place, _meta, vectors) => openExact(vectors),
  async verify() {},
};

/**
 * Exact nearest neighbours of several queries in one pass over the vectors, with one block in memory at a time.
 *
 * @param queries unit vectors of [dim].
 */
export function searchExact(vectors: Vectors, queries: Float32Array[], k: number): Neighbours[] {
  const best = queries.map(() => new TopK(Math.min(k, vectors.count)));
  const block = new Float32Array(Math.min(BLOCK_ROWS, vectors.count) * vectors.dim);
  for (let start = 0; start < vectors.count; start += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, vectors.count - start);
    vectors.read(start, rows, block.subarray(0, rows * vectors.dim));
    queries.forEach((query, q) => {
      offerRows(block, rows, start, query, best[q]!);
    });
  }
  return best.map((kept) => kept.sorted());
}

/**
 * Exact search without native code: the same results as FAISS's flat index, except for ties. Holds the vectors in
 * memory.
 */
export function openExact(vectors: Vectors): VectorIndex {
  const matrix = vectors.read(0, vectors.count);
  return {
    kind: "flat",
    backend: "exact",
    count: vectors.count,
    dim: vectors.dim,
    async search(query, k) {
      const best = new TopK(Math.min(k, vectors.count));
      offerRows(matrix, vectors.count, 0, query, best);
      return best.sorted();
    },
    close() {},
  };
}

function offerRows(block: Float32Array, rows: number, first: number, query: Float32Array, best: TopK): void {
  for (let row = 0; row < rows; row++) {
    best.offer(first + row, dotProduct(block, row * query.length, query));
  }
}
