import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexKind } from "../../core/artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../../core/artifacts/vectors.ts";
import { openExact } from "../../core/retrieval/engines/exact.ts";
import type { VectorIndex } from "../../core/retrieval/engines/vectorIndex.ts";
import { recallAgainstExact } from "../../core/retrieval/recall.ts";
import { randomVectors, writeEmbedDir } from "../../core/stages/testing/embedFixture.ts";

const [COUNT, DIM] = [3000, 24];

/**
 * What every vector index does, whatever it is built with. `open` builds one of the kind over the vectors, in an empty
 * folder of its own where it needs one.
 */
export function describeVectorIndex(
  name: string,
  kinds: IndexKind[],
  open: (kind: IndexKind, vectors: Vectors, folder: string) => Promise<VectorIndex>,
): void {
  describe(`${name} as a vector index`, () => {
    const home = mkdtempSync(join(tmpdir(), "winnow-index-"));
    const folder = () => mkdtempSync(join(home, "index-"));
    const matrix = randomVectors(20, DIM, 99);
    const queries = Array.from({ length: 20 }, (_, q) => matrix.slice(q * DIM, (q + 1) * DIM));
    let vectors: Vectors;

    beforeAll(async () => {
      vectors = await openVectors([await writeEmbedDir(join(home, "vectors"), randomVectors(COUNT, DIM), DIM)]);
    });
    afterAll(() => {
      vectors.close();
      rmSync(home, { recursive: true });
    });

    it("finds, if exact, what the plain search finds, in the same order with the same inner products", async () => {
      const index = await open("flat", vectors, folder());
      expect(index).toMatchObject({ kind: "flat", count: COUNT, dim: DIM });
      for (const query of queries) {
        const [found, exact] = [await index.search(query, 50), await openExact(vectors).search(query, 50)];
        expect([...found.positions]).toEqual([...exact.positions]);
        found.scores.forEach((score, at) => {
          expect(score).toBeCloseTo(exact.scores[at]!, 5);
        });
      }
      index.close();
    });

    it("gives all rows when there are fewer than k, ties by position, and none for k of 0", async () => {
      const rows = new Float32Array([1, 0, 0, 1, 1, 0]);
      const few = await openVectors([await writeEmbedDir(join(folder(), "few"), rows, 2)]);
      const index = await open("flat", few, folder());
      const query = new Float32Array([1, 0]);
      expect([...(await index.search(query, 100)).positions]).toEqual([0, 2, 1]);
      expect((await index.search(query, 1)).positions).toHaveLength(1);
      expect((await index.search(query, 0)).positions).toHaveLength(0);
      few.close();
    });

    if (!kinds.includes("hnsw")) return;
    it("finds, if approximate, 99 of the 100 nearest and more", async () => {
      const index = await open("hnsw", vectors, folder());
      expect(await recallAgainstExact(index, vectors, 100, 20)).toBeGreaterThan(0.99);
      const { positions, scores } = await index.search(queries[0]!, 10);
      expect([...scores]).toEqual([...scores].sort((a, b) => b - a));
      expect(scores[0]).toBeCloseTo(vectors.dot(positions[0]!, queries[0]!), 5);
      index.close();
    });
  });
}
