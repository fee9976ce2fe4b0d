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
});
