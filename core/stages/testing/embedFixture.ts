import { writeVectors } from "../../artifacts/vectors.ts";
import { seededRandom } from "../../base/random.ts";

/** `count` random unit vectors of `dim`, [count, dim]. */
export function randomVectors(count: number, dim: number, seed = 7): Float32Array {
  const random = seededRandom(seed);
  const values = Float32Array.from({ length: count * dim }, () => random() - 0.5);
  for (let row = 0; row < count; row++) {
    const vector = values.subarray(row * dim, (row + 1) * dim);
    const length = Math.hypot(...vector);
    vector.forEach((value, i) => {
      vector[i] = value / length;
    });
  }
  return values;
}

/** Writes an embed artifact with these vectors. */
export async function writeEmbedDir(folder: string, values: Float32Array, dim: number, first = 0): Promise<string> {
  const shard = { count: values.length / dim, dim, model: "test", modelDigest: "d".repeat(64), first };
  await writeVectors(folder, values, shard);
  return folder;
}
