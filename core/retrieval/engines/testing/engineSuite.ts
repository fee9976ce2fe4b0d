import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexKind } from "../../../artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../../../artifacts/vectors.ts";
import type { VectorServer } from "../../../base/compute.ts";
import { quietContext, type TaskContext } from "../../../base/progress.ts";
import { randomVectors, writeEmbedDir } from "../../../stages/testing/embedFixture.ts";
import { openVectorIndex, verifyIndex } from "../../openIndex.ts";
import { recallAgainstExact } from "../../recall.ts";
import type { IndexPlace, SearchEngine } from "../engine.ts";
import { openExact } from "../exact.ts";
import { buildWith } from "../index.ts";

const [COUNT, DIM] = [3000, 24];

/**
 * The conformance suite of a search engine. A server is requested when a test runs, once it is up.
 *
 * @param kinds the kinds of index that the engine builds.
 */
export function engineSuite(
  engine: SearchEngine,
  kinds: IndexKind[],
  server: () => VectorServer | null = () => null,
): void {
  describe(`the engine ${engine.backend}`, () => {
    const home = mkdtempSync(join(tmpdir(), "winnow-index-"));
    const folder = () => mkdtempSync(join(home, "index-"));
    const place = (): IndexPlace => ({ folder: folder(), server: server() });
    const matrix = randomVectors(20, DIM, 99);
    const queries = Array.from({ length: 20 }, (_, q) => matrix.slice(q * DIM, (q + 1) * DIM));
    const opened: Vectors[] = [];
    const some = async (values: Float32Array, dim = DIM) => {
      opened.push(await openVectors([await writeEmbedDir(join(folder(), "vectors"), values, dim)]));
      return opened.at(-1)!;
    };
    let vectors: Vectors;

    async function built(kind: IndexKind, over = vectors, where = place(), ctx: TaskContext = quietContext()) {
      const meta = await buildWith(engine, where, kind, over, ctx);
      return { meta, where, index: await engine.open(where, meta, over) };
    }

    /** Expects the index to contain exactly these vectors, each found by itself. */
    async function holdsExactly(over: Vectors, where: IndexPlace) {
      const { index, meta } = await built("flat", over, where);
      expect(meta).toMatchObject({ count: over.count, recallAt100: 1 });
      for (let row = 0; row < over.count; row += 97)
        expect((await index.search(over.read(row, 1), 1)).positions[0]).toBe(row);
      expect((await index.search(over.read(0, 1), over.count + 1)).positions).toHaveLength(over.count);
      index.close();
    }

    beforeAll(async () => {
      vectors = await some(randomVectors(COUNT, DIM));
    });
    afterAll(() => {
      for (const each of opened) each.close();
      rmSync(home, { recursive: true });
    });

    it("if exact, agrees with the plain search in rows, order and inner products", async () => {
      const { index, meta } = await built("flat");
      const { modelDigest } = vectors;
      const { collection, ...facts } = meta;
      expect(facts).toEqual({
        ...{ kind: "flat", backend: engine.backend, recallAt100: 1, count: COUNT, dim: DIM, modelDigest },
      });
      expect(index).toMatchObject({ kind: "flat", backend: engine.backend, count: COUNT, dim: DIM });
      for (const query of queries) {
        const [found, exact] = [await index.search(query, 50), await openExact(vectors).search(query, 50)];
        expect([...found.positions]).toEqual([...exact.positions]);
        found.scores.forEach((score, at) => {
          expect(score).toBeCloseTo(exact.scores[at]!, 5);
        });
      }
      index.close();
    });

    it("returns all rows if there are fewer than k, ties by position, and none for k of 0", async () => {
      const few = await some(new Float32Array([1, 0, 0, 1, 1, 0]), 2);
      const { index } = await built("flat", few);
      const query = new Float32Array([1, 0]);
      expect([...(await index.search(query, 100)).positions]).toEqual([0, 2, 1]);
      expect((await index.search(query, 1)).positions).toHaveLength(1);
      expect((await index.search(query, 0)).positions).toHaveLength(0);
      index.close();
    });

    if (kinds.includes("hnsw"))
      it("if approximate, finds at least 99 of the 100 nearest", async () => {
        const { index, meta } = await built("hnsw");
        expect([meta.kind, index.kind]).toEqual(["hnsw", "hnsw"]);
        expect(await recallAgainstExact(index, vectors, 100, 20)).toBeGreaterThan(0.99);
        expect(meta.recallAt100).toBeGreaterThan(0.99);
        const { positions, scores } = await index.search(queries[0]!, 10);
        expect([...scores]).toEqual([...scores].sort((a, b) => b - a));
        expect(scores[0]).toBeCloseTo(vectors.dot(positions[0]!, queries[0]!), 5);
        index.close();
      });
    else
      it("builds an exact index when an approximate one is requested", async () => {
        expect((await built("hnsw")).meta).toMatchObject({ kind: "flat", recallAt100: 1 });
      });

    it("stops building when cancelled, before and during the build, and the next build is whole", async () => {
      const [over, where] = [await some(randomVectors(COUNT, DIM, 2)), place()];
      const aborted = { progress: () => {}, signal: AbortSignal.abort() };
      await expect(built("flat", over, where, aborted)).rejects.toMatchObject({ code: "Cancelled" });
      const stop = new AbortController();
      const later = { signal: stop.signal, progress: () => stop.abort() };
      const [long, there] = [await some(randomVectors(2 * COUNT, DIM, 3)), place()];
      await expect(built("flat", long, there, later)).rejects.toMatchObject({ code: "Cancelled" });
      await holdsExactly(over, where);
      await holdsExactly(long, there);
    });

    it("is found by the facade for its own index, which is rejected with another corpus's vectors", async () => {
      const { where, meta, index } = await built("flat");
      await writeFile(join(where.folder, "meta.json"), JSON.stringify(meta));
      await verifyIndex(where.folder, where.server);
      const again = await openVectorIndex(where.folder, vectors, where.server);
      const [found, wanted] = [await again.search(queries[0]!, 10), await index.search(queries[0]!, 10)];
      expect(found.positions).toEqual(wanted.positions);
      again.close();
      const others = await some(randomVectors(COUNT - 1, DIM, 4));
      await expect(openVectorIndex(where.folder, others, where.server)).rejects.toMatchObject({
        code: "CorruptArtifact",
        message: expect.stringMatching(/was built from other vectors: 3000 x 24 of model d+, expected 2999 x 24/),
      });
    });

    it("closes one index without closing another over the same vectors", async () => {
      const { where, meta, index } = await built("flat");
      const second = await engine.open(where, meta, vectors);
      index.close();
      index.close();
      expect((await second.search(vectors.read(5, 1), 1)).positions[0]).toBe(5);
      second.close();
    });
  });
}
