import type { Vectors } from "../artifacts/vectors.ts";
import { seededRandom } from "../base/random.ts";
import { searchExact } from "./engines/exact.ts";
import type { VectorIndex } from "./engines/vectorIndex.ts";

/**
 * recall@k of an index against exact search. Queries are passage vectors, evenly spread over the corpus, with noise of
 * the same length added. Like questions, they are near some passages and equal to none. A passage as near as the exact
 * k-th counts.
 *
 * @param samples number of queries; each costs one exact search.
 */
export async function recallAgainstExact(index: VectorIndex, vectors: Vectors, k = 100, samples = 50): Promise<number> {
  const queries = sampleQueries(vectors, Math.min(samples, vectors.count));
  const exact = searchExact(vectors, queries, k);
  let found = 0;
  let wanted = 0;
  for (const [q, query] of queries.entries()) {
    const { scores } = exact[q]!;
    const kth = (scores.at(-1) ?? 0) - 1e-6;
    const { positions } = await index.search(query, k);
    const hits = positions.reduce((n, p) => n + Number(vectors.dot(p, query) >= kth), 0);
    found += Math.min(hits, scores.length);
    wanted += scores.length;
  }
  return wanted === 0 ? 1 : found / wanted;
}

function sampleQueries(vectors: Vectors, samples: number): Float32Array[] {
  const random = seededRandom(1);
  return Array.from({ length: samples }, (_, sample) => {
    const query = vectors.read(Math.floor((sample * vectors.count) / samples), 1);
    const noise = unit(Float32Array.from(query, () => random() + random() + random() - 1.5));
    return unit(query.map((value, i) => value + noise[i]!));
  });
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
