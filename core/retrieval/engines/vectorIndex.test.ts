import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeVectorIndex } from "../../../tests/vectors/indexBehaviour.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import { quietContext } from "../../base/progress.ts";
import { randomVectors, writeEmbedDir } from "../../stages/testing/embedFixture.ts";
import { recallAgainstExact } from "../recall.ts";
import { openExact, searchExact } from "./exact.ts";
import { buildFaissFile, loadFaiss, openFaissFile } from "./faiss.ts";
import { checkIndexFile, setHnswBreadth, writeFlatFile } from "./faissFile.ts";

const [COUNT, DIM] = [3000, 24];
const values = randomVectors(COUNT, DIM);
const addon = await loadFaiss();
let home = "";
let vectors: Vectors;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "vectors-"));
  const half = (COUNT / 2) * DIM;
  const second = await writeEmbedDir(join(home, "b"), values.slice(half), DIM, COUNT / 2);
  vectors = await openVectors([second, await writeEmbedDir(join(home, "a"), values.slice(0, half), DIM)]);
});
afterAll(async () => {
  vectors.close();
  await rm(home, { recursive: true });
});

function queries(count: number): Float32Array[] {
  const matrix = randomVectors(count, DIM, 99);
  return Array.from({ length: count }, (_, q) => matrix.slice(q * DIM, (q + 1) * DIM));
}

describe("openVectors", () => {
  it("joins shards in passage order, whatever order they are given in", () => {
    expect(vectors.count).toBe(COUNT);
    expect(vectors.read(1490, 20)).toEqual(values.slice(1490 * DIM, 1510 * DIM));
  });

  it("refuses a gap between shards, a cut file and a missing one", async () => {
    await expect(openVectors([join(home, "b")])).rejects.toThrow(/begins at row 1500, expected 0/);
    const cut = await writeEmbedDir(join(home, "cut"), values.slice(0, DIM * 2), DIM);
    await truncate(join(cut, "vectors.f32"), 10);
    await expect(openVectors([cut])).rejects.toMatchObject({ code: "CorruptArtifact" });
    await expect(openVectors([join(home, "none")])).rejects.toMatchObject({ code: "CorruptArtifact" });
    await expect(openVectors([])).rejects.toMatchObject({ code: "MissingArtifact" });
  });
});

describe("exact search", () => {
  it("finds the rows of highest inner product, best first", async () => {
    const query = queries(1)[0]!;
    const all = Array.from({ length: COUNT }, (_, p) => ({ p, s: vectors.dot(p, query) })).sort((a, b) => b.s - a.s);
    const found = await openExact(vectors).search(query, 10);
    expect([...found.positions]).toEqual(all.slice(0, 10).map((hit) => hit.p));
    expect(found.scores[0]).toBeCloseTo(all[0]!.s, 6);
    expect(searchExact(vectors, [query], 10)[0]).toEqual(found);
  });
});

describe("index files", () => {
  it("refuses a file of another kind, size or corpus before native code reads it", async () => {
    const path = join(home, "flat.faiss");
    writeFlatFile(path, vectors);
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).not.toThrow();
    expect(() => checkIndexFile(path, "hnsw", COUNT, DIM)).toThrow(/begins with "IxFI"/);
    expect(() => checkIndexFile(path, "flat", COUNT + 1, DIM)).toThrow(/holds 3000 x 24/);
    await truncate(path, 5000);
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).toThrow(/5000 bytes/);
    await writeFile(path, "hello");
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).toThrow(
      expect.objectContaining({ code: "CorruptArtifact" }),
    );
    expect(() => checkIndexFile(join(home, "no"), "flat", COUNT, DIM)).toThrow(/no such file/);
  });
});

describeVectorIndex("plain TypeScript", ["flat"], async (_, over) => openExact(over));

describe("recallAgainstExact", () => {
  it("is 0 for an index that finds nothing", async () => {
    const none = { positions: new Uint32Array(0), scores: new Float32Array(0) };
    const blind = { ...openExact(vectors), search: async () => none };
    expect(await recallAgainstExact(blind, vectors, 100, 5)).toBe(0);
  });
});

describe.skipIf(!("faiss" in addon))("FAISS", () => {
  const faiss = "faiss" in addon ? addon.faiss : null!;

  describeVectorIndex("FAISS", ["flat", "hnsw"], async (kind, over, folder) => {
    const path = join(folder, "index.faiss");
    await buildFaissFile(faiss, kind, over, path, quietContext());
    return openFaissFile(faiss, kind, path, over.count, over.dim);
  });

  it("writes the same flat file as plain TypeScript", async () => {
    const [native, own] = [join(home, "native.faiss"), join(home, "own.faiss")];
    await buildFaissFile(faiss, "flat", vectors, native, quietContext());
    writeFlatFile(own, vectors);
    expect(await readFile(native)).toEqual(await readFile(own));
  });

  it("turns a file that FAISS cannot read into a named error", async () => {
    const path = join(home, "garbled.faiss");
    await buildFaissFile(faiss, "hnsw", vectors, path, quietContext());
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 37), Buffer.alloc(bytes.length - 37)]));
    expect(() => openFaissFile(faiss, "hnsw", path, COUNT, DIM)).toThrow(
      expect.objectContaining({ code: "CorruptArtifact" }),
    );
  });

  it("does not write search parameters into a file whose layout it does not know", () => {
    const path = join(home, "layout.faiss");
    writeFlatFile(path, vectors);
    expect(() => setHnswBreadth(path, 120, 256)).toThrow(/no HNSW parameters/);
    expect(() => checkIndexFile(path, "flat", COUNT, DIM)).not.toThrow();
  });

  it("stops between blocks when cancelled", async () => {
    const ctx = { progress: () => {}, signal: AbortSignal.abort() };
    const building = buildFaissFile(faiss, "flat", vectors, join(home, "x.faiss"), ctx);
    await expect(building).rejects.toMatchObject({ code: "Cancelled" });
  });
});
