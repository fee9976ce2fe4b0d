import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { dotProduct, openVectors, type Vectors, writeVectors } from "../core/artifacts/vectors.ts";
import { seededRandom } from "../core/base/random.ts";
import { searchExact } from "../core/retrieval/engines/exact.ts";

const BLOCK_ROWS = 4096;
/** File beside the vectors: the row of the real source of each vector, u32. */
const SOURCES = "sources.u32";

/** Distance of a synthetic vector from its source, as a share of the distance of two random real ones. */
const SPREAD = { from: 0.05, to: 0.35 };

/**
 * Writes `count` synthetic embeddings as an embed artifact. Each is a real vector u plus noise along the difference of
 * two other real ones: x = unit(u + s (p - q)), with s uniform in SPREAD. The noise thus has the covariance of real
 * embeddings. The cloud keeps its shape, centre and clusters at any size.
 */
export async function writeSynthetic(real: Vectors, count: number, folder: string, seed = 1): Promise<Vectors> {
  const { dim, modelDigest } = real;
  const bases = real.read(0, real.count);
  const random = seededRandom(seed);
  const sources = new Uint32Array(count);
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, "vectors.f32"), "w");
  try {
    for (let start = 0; start < count; start += BLOCK_ROWS) {
      const block = new Float32Array(Math.min(BLOCK_ROWS, count - start) * dim);
      for (let at = 0; at < block.length; at += dim)
        sources[start + at / dim] = synthesize(bases, real.count, dim, random, block.subarray(at, at + dim));
      const bytes = new Uint8Array(block.buffer);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    }
  } finally {
    closeSync(file);
  }
  writeFileSync(join(folder, SOURCES), new Uint8Array(sources.buffer));
  const meta = { count, dim, model: "synthetic", modelDigest, first: 0 };
  writeFileSync(join(folder, "meta.json"), JSON.stringify(meta));
  return openVectors([folder]);
}

/** The row of the real source of each synthetic vector. */
export function readSources(folder: string): Uint32Array {
  return new Uint32Array(Uint8Array.from(readFileSync(join(folder, SOURCES))).buffer);
}

/** Writes one vector and returns the row of u. */
function synthesize(bases: Float32Array, count: number, dim: number, random: () => number, into: Float32Array): number {
  const pick = () => Math.floor(random() * count) * dim;
  const [u, p, q] = [pick(), pick(), pick()];
  const s = SPREAD.from + (SPREAD.to - SPREAD.from) * random();
  let squares = 0;
  for (let i = 0; i < dim; i++) {
    const value = bases[u + i]! + s * (bases[p + i]! - bases[q + i]!);
    into[i] = value;
    squares += value * value;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < dim; i++) into[i]! *= scale;
  return u / dim;
}

/** Cosines that describe a cloud of vectors: of random pairs, and of each vector's 1st, 10th and 100th neighbour. */
export interface Distances {
  name: string;
  pairs: [p5: number, p50: number, p95: number];
  nearest: [p50OfFirst: number, p50OfTenth: number, p50OfHundredth: number];
}

export function describeDistances(name: string, vectors: Vectors, samples = 200): Distances {
  const random = seededRandom(2);
  const pick = () => Math.floor(random() * vectors.count);
  const pairs = Array.from({ length: 20_000 }, () => dotProduct(vectors.read(pick(), 1), 0, vectors.read(pick(), 1)));
  const queries = Array.from({ length: samples }, () => vectors.read(pick(), 1));
  // The first neighbour of a vector is the vector itself.
  const found = searchExact(vectors, queries, 101).map(({ scores }) => scores);
  const neighbour = (rank: number) =>
    quantile(
      found.map((scores) => scores[rank]!),
      0.5,
    );
  return {
    name,
    pairs: [quantile(pairs, 0.05), quantile(pairs, 0.5), quantile(pairs, 0.95)],
    nearest: [neighbour(1), neighbour(10), neighbour(100)],
  };
}

export function quantile(values: number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))]!;
}

/** Writes `count` evenly spread rows of `real` as separate vectors. */
export async function writeSample(real: Vectors, count: number, folder: string): Promise<Vectors> {
  const { dim, modelDigest } = real;
  const rows = new Float32Array(count * dim);
  for (let row = 0; row < count; row++)
    real.read(Math.floor((row * real.count) / count), 1, rows.subarray(row * dim, (row + 1) * dim));
  await writeVectors(folder, rows, { count, dim, model: "sample", modelDigest, first: 0 });
  return openVectors([folder]);
}
