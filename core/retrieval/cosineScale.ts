import type { CosineSpread } from "../artifacts/searchIndex.ts";
import type { Vectors } from "../artifacts/vectors.ts";
import { seededRandom } from "../base/random.ts";

/**
 * The embedder that the weights of fusion, feedback and headings were chosen with, all-MiniLM-L6-v2, and its cosines of
 * random windows: over eight docs their mean is 0.19 to 0.35 and their deviation 0.146 to 0.179
 * (research/notebook/embedders.md).
 */
export const REFERENCE = {
  modelDigest: "bc2e92914d927e1a8725961b0d01d7489067f78a283b83cd56473f3517f8ac7a",
  mean: 0.26,
  deviation: 0.16,
};

/** Random pairs of windows, which give the deviation to within a percent. */
const PAIRS = 10_000;
const SEED = 17;
/** Vectors that hardly differ have no spread to scale by. */
const LEAST_DEVIATION = 1e-3;

/** A cosine on the reference's scale; larger stays larger. */
export type CosineScale = (cosine: number) => number;

/**
 * The spread of a corpus's cosines, over the same random pairs of windows in every run. Null for the reference, whose
 * cosines are the scale, and for vectors without a spread.
 */
export function cosineSpread(vectors: Pick<Vectors, "count" | "modelDigest" | "read" | "dot">): CosineSpread | null {
  const { count, modelDigest } = vectors;
  if (modelDigest === REFERENCE.modelDigest || count < 2) return null;
  const random = seededRandom(SEED);
  const pick = (below: number) => Math.min(below - 1, Math.floor(random() * below));
  let [sum, squares] = [0, 0];
  for (let pair = 0; pair < PAIRS; pair++) {
    const first = pick(count);
    const second = (first + 1 + pick(count - 1)) % count;
    const cosine = vectors.dot(second, vectors.read(first, 1));
    sum += cosine;
    squares += cosine * cosine;
  }
  const mean = sum / PAIRS;
  const deviation = Math.sqrt(Math.max(0, squares / PAIRS - mean * mean));
  return deviation < LEAST_DEVIATION ? null : { mean, deviation };
}

/**
 * Maps an embedder's cosines to mean and deviation of the reference, so that a weight means the same for every
 * embedder. Without a spread they stay as they are.
 */
export function cosineScale(spread: CosineSpread | undefined): CosineScale {
  if (!spread) return (cosine) => cosine;
  const { mean, deviation } = spread;
  return (cosine) => REFERENCE.mean + ((cosine - mean) / deviation) * REFERENCE.deviation;
}
