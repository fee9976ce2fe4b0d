import { describe, expect, it } from "vitest";
import type { EmbedTexts } from "../models/embedder.ts";
import { SentenceVectors } from "./sentenceVectors.ts";

/** Vectors of two numbers: the cosine and sine of a text's length in tenths of a radian. */
function embedderByLength() {
  const embedded: string[][] = [];
  const embed = async ({ questions = [], passages = [] }: EmbedTexts) => {
    embedded.push([...passages]);
    const angles = [...questions, ...passages].map((text) => text.length / 10);
    return Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  };
  return { embedded, embedder: { dim: 2, embed } };
}

describe("SentenceVectors", () => {
  it("gives the cosine of each sentence in order, repeated ones too, whether they are kept or not", async () => {
    const { embedded, embedder } = embedderByLength();
    const vectors = new SentenceVectors(embedder);
    const expected = [Math.cos(0.2), 1, Math.cos(0.2)].map(closely);
    expect(await vectors.cosines("q", ["abc", "a", "abc"])).toEqual(expected);
    expect(await vectors.cosines("q", ["abc", "a", "abc"])).toEqual(expected);
    expect(await vectors.cosines("qq", ["a", "abcd"])).toEqual([Math.cos(0.1), Math.cos(0.2)].map(closely));
    expect(embedded).toEqual([["abc", "a"], [], ["abcd"]]);
  });

  it("keeps those used last, within its memory", async () => {
    const { embedded, embedder } = embedderByLength();
    const vectors = new SentenceVectors(embedder, 2 * 2 * 4);
    await vectors.cosines("q", ["a", "bb"]);
    await vectors.cosines("q", ["a", "ccc"]);
    await vectors.cosines("q", ["a", "bb"]);
    expect(embedded.slice(1)).toEqual([["ccc"], ["bb"]]);
  });

  it("answers from more sentences than it may keep", async () => {
    const { embedder } = embedderByLength();
    const cosines = await new SentenceVectors(embedder, 8).cosines("q", ["a", "bb", "ccc"]);
    expect(cosines).toEqual([1, Math.cos(0.1), Math.cos(0.2)].map(closely));
  });
});

function closely(value: number): unknown {
  return expect.closeTo(value, 6);
}
