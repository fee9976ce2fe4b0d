import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openVectors, type Vectors } from "../artifacts/vectors.ts";
import { randomVectors, writeEmbedDir } from "../stages/testing/embedFixture.ts";

const [COUNT, DIM] = [3000, 24];
const values = randomVectors(COUNT, DIM);
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

describe("openVectors", () => {
  it("joins shards in passage order, whatever their order", () => {
    expect(vectors.count).toBe(COUNT);
    expect(vectors.read(1490, 20)).toEqual(values.slice(1490 * DIM, 1510 * DIM));
  });

  it("rejects a gap between shards, a truncated file and a missing one", async () => {
    await expect(openVectors([join(home, "b")])).rejects.toThrow(/begins at row 1500, expected 0/);
    const cut = await writeEmbedDir(join(home, "cut"), values.slice(0, DIM * 2), DIM);
    await truncate(join(cut, "vectors.f32"), 10);
    await expect(openVectors([cut])).rejects.toMatchObject({ code: "CorruptArtifact" });
    await expect(openVectors([join(home, "none")])).rejects.toMatchObject({ code: "CorruptArtifact" });
    await expect(openVectors([])).rejects.toMatchObject({ code: "MissingArtifact" });
  });
});
