import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../../base/random.ts";
import type { EmbedMeta } from "../../retrieval/vectors.ts";

/** For tests: `count` random unit vectors of `dim`, [count, dim]. */
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

/** For tests: writes an embed artifact with these vectors. */
export async function writeEmbedDir(folder: string, values: Float32Array, dim: number, first = 0): Promise<string> {
  const meta: EmbedMeta = { count: values.length / dim, dim, model: "test", modelDigest: "d".repeat(64), first };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "vectors.f32"), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  await writeFile(join(folder, "meta.json"), JSON.stringify(meta));
  return folder;
}
