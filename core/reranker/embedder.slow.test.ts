import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openEmbedder } from "./embedder.ts";

const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const modelDir = join(cache, "models", "all-MiniLM-L6-v2");

describe.skipIf(!existsSync(modelDir))(`embedder with the weights in ${modelDir}`, () => {
  it("agrees with the reference implementation: cosine >= 0.9999 on every fixture sentence", async () => {
    const fixture = await readFile(new URL("fixtures/embedder.json", import.meta.url), "utf8");
    const rows: { sentence: string; vector: number[] }[] = JSON.parse(fixture);
    const embedder = await openEmbedder(modelDir, { threads: 2 });
    const vectors = await embedder.embed(rows.map(({ sentence }) => sentence));
    rows.forEach(({ vector }, row) => {
      const cosine = vector.reduce((sum, x, i) => sum + x * vectors[row * embedder.dim + i]!, 0);
      expect(cosine).toBeGreaterThanOrEqual(0.9999);
      expect(cosine).toBeLessThan(1.0001);
    });
    await embedder.close();
  });

  it("gives nearly the same vectors by int8, whatever the batch", async () => {
    const fixture = await readFile(new URL("fixtures/embedder.json", import.meta.url), "utf8");
    const rows: { sentence: string; vector: number[] }[] = JSON.parse(fixture);
    const embedder = await openEmbedder(modelDir, { threads: 2, precision: "int8" });
    const vectors = await embedder.embed(rows.map(({ sentence }) => sentence));
    for (const [row, { sentence, vector }] of rows.entries()) {
      const own = vectors.subarray(row * embedder.dim, (row + 1) * embedder.dim);
      expect(vector.reduce((sum, x, i) => sum + x * own[i]!, 0)).toBeGreaterThan(0.985);
      const alone = await embedder.embed([sentence]);
      expect(alone.reduce((sum, x, i) => sum + x * own[i]!, 0)).toBeGreaterThan(0.9999);
    }
    await embedder.close();
  });
});
