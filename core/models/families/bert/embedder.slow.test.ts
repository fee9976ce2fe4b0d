import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { usablePrecision } from "../../../onnx/integerProducts.ts";
import { openEmbedder } from "../index.ts";

const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const modelDir = join(cache, "models", "all-MiniLM-L6-v2");

describe.skipIf(!existsSync(modelDir))(`embedder with the weights in ${modelDir}`, () => {
  it("agrees with the reference implementation: cosine >= 0.9999 on every fixture sentence", async () => {
    const fixture = await readFile(new URL("fixtures/embedder.json", import.meta.url), "utf8");
    const rows: { sentence: string; vector: number[] }[] = JSON.parse(fixture);
    const embedder = await openEmbedder(modelDir, { threads: 2 });
    const vectors = await embedder.embed({ passages: rows.map(({ sentence }) => sentence) });
    rows.forEach(({ vector }, row) => {
      const cosine = vector.reduce((sum, x, i) => sum + x * vectors[row * embedder.dim + i]!, 0);
      expect(cosine).toBeGreaterThanOrEqual(0.9999);
      expect(cosine).toBeLessThan(1.0001);
    });
    await embedder.close();
  });

  it("gives nearly the same vectors in int8, whatever the batch", async () => {
    const fixture = await readFile(new URL("fixtures/embedder.json", import.meta.url), "utf8");
    const rows: { sentence: string; vector: number[] }[] = JSON.parse(fixture);
    const embedder = await openEmbedder(modelDir, { threads: 2, precision: "int8" });
    const vectors = await embedder.embed({ passages: rows.map(({ sentence }) => sentence) });
    for (const [row, { sentence, vector }] of rows.entries()) {
      const own = vectors.subarray(row * embedder.dim, (row + 1) * embedder.dim);
      expect(vector.reduce((sum, x, i) => sum + x * own[i]!, 0)).toBeGreaterThan(0.985);
      const alone = await embedder.embed({ passages: [sentence] });
      expect(alone.reduce((sum, x, i) => sum + x * own[i]!, 0)).toBeGreaterThan(0.9999);
    }
    await embedder.close();
  });

  it("gives the same bits with a cached twin", async () => {
    const twinFile = join(await mkdtemp(join(tmpdir(), "winnow-twin-")), "twin.onnx");
    const vectors: Float32Array[] = [];
    for (const keep of [undefined, twinFile, twinFile]) {
      const embedder = await openEmbedder(modelDir, { threads: 1, precision: "int8", twinFile: keep });
      vectors.push(await embedder.embed({ passages: ["how do I run a job?", "a node is drained"] }));
      await embedder.close();
    }
    // On other processors float32 replaces it, and there is no twin.
    const computes = (await usablePrecision("int8")) === "int8";
    expect(existsSync(twinFile)).toBe(computes);
    expect(vectors[1]).toEqual(vectors[0]);
    expect(vectors[2]).toEqual(vectors[0]);
  });
});
