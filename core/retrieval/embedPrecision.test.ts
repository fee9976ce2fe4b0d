import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Embedder } from "../models/embedder.ts";
import { embedPrecision, type PrecisionVerdict, WORTH_JUDGING } from "./embedPrecision.ts";

/** Embedder of two-dimensional unit vectors, rotated by `angle`; a call takes `milliseconds`. */
function embedder(angle: number, milliseconds: number): Embedder {
  return {
    id: "turned",
    dim: 2,
    modelDigest: "a".repeat(64),
    limits: { maxTokens: 256 },
    async embed({ passages: texts = [] }) {
      const until = performance.now() + milliseconds;
      while (performance.now() < until);
      return Float32Array.from(texts.flatMap((text) => [Math.cos(text.length + angle), Math.sin(text.length + angle)]));
    },
    async close() {},
  };
}

const texts = Array.from({ length: WORTH_JUDGING }, (_, n) => "x".repeat(n + 1));
const exact = embedder(0, 20);
let folder = "";
let opened = 0;
const choose = (twin: Embedder, of = texts) =>
  embedPrecision(
    of,
    exact,
    async () => {
      opened += 1;
      return twin;
    },
    folder,
  );
const verdict = async (): Promise<PrecisionVerdict> =>
  JSON.parse(await readFile(join(folder, "precision.json"), "utf8"));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-precision-"));
  opened = 0;
});
afterEach(() => rm(folder, { recursive: true }));

describe("precision of an embedder", () => {
  it("is int8 if the twin is nearly the same and faster, and is measured only once", async () => {
    expect(await choose(embedder(0.05, 2))).toBe("int8");
    const { cosine, speedup } = await verdict();
    expect(cosine.mean).toBeCloseTo(Math.cos(0.05), 5);
    expect(speedup).toBeGreaterThan(1.2);
    expect(await choose(embedder(1, 100))).toBe("int8");
    expect(opened).toBe(1);
  });

  it("is float32 if the twin's vectors differ", async () => {
    expect(await choose(embedder(0.3, 2))).toBe("float32");
    expect((await verdict()).cosine.lowest).toBeCloseTo(Math.cos(0.3), 5);
  });

  it("is float32 if the twin is not faster", async () => {
    // Much slower, so that a busy machine cannot reverse the comparison.
    expect(await choose(embedder(0, 250))).toBe("float32");
  });

  it("is measured again on another processor, and after a truncated verdict", async () => {
    await choose(embedder(0.3, 2));
    await writeFile(join(folder, "precision.json"), JSON.stringify({ ...(await verdict()), processor: "Z80" }));
    expect(await choose(embedder(0, 2))).toBe("int8");
    await writeFile(join(folder, "precision.json"), '{"precision": "in');
    expect(await choose(embedder(0.3, 2))).toBe("float32");
    expect(opened).toBe(3);
  });

  it("is float32 for few texts, without a verdict", async () => {
    expect(await choose(embedder(0, 2), texts.slice(0, 10))).toBe("float32");
    expect(opened).toBe(0);
    await expect(verdict()).rejects.toThrow("ENOENT");
  });
});
