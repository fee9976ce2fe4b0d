import { describe, expect, it } from "vitest";
import type { EmbedTexts } from "../models/embedder.ts";
import { HEADINGS, HeadingVectors } from "./headings.ts";

const QUESTION = Float32Array.of(1, 0);
/** Trails with the question's direction, orthogonal to it, and opposite to it. */
const VECTORS: Record<string, number[]> = { "Guide > Near": [1, 0], "Guide > Across": [0, 1], "Guide > Away": [-1, 0] };

function embedder() {
  const asked: string[][] = [];
  const embed = async ({ passages = [] }: EmbedTexts) => {
    asked.push([...passages]);
    return Float32Array.from(passages.flatMap((text) => VECTORS[text] ?? [0, 1]));
  };
  return { dim: 2, embed, asked };
}

const headingOf = (position: number) => ["Guide", ["Away", "Near", "Across"][position] ?? `Section ${position}`];

describe("HeadingVectors", () => {
  it("ranks a passage whose heading matches the question above one with a slightly better score", async () => {
    const headings = new HeadingVectors(embedder());
    const fused = [0, 1, 2].map((position) => ({ position, fused: 1 - position / 10 }));
    const sorted = await headings.reorder(fused, QUESTION, headingOf);
    expect(sorted.map(({ position }) => position)).toEqual([1, 2, 0]);
    expect(sorted[0]!.fused).toBeCloseTo(0.9 + HEADINGS.weight, 6);
    expect(sorted[2]!.fused).toBeCloseTo(1 - HEADINGS.weight, 6);
  });

  it("keeps passages beyond its depth behind, in their order", async () => {
    const headings = new HeadingVectors(embedder());
    const count = HEADINGS.depth + 3;
    const fused = Array.from({ length: count }, (_, position) => ({ position, fused: 1 - position / count }));
    const sorted = await headings.reorder(fused, QUESTION, headingOf);
    expect(sorted).toHaveLength(count);
    expect(sorted.slice(-3).map(({ position }) => position)).toEqual([count - 3, count - 2, count - 1]);
    expect(await headings.reorder([], QUESTION, headingOf)).toEqual([]);
  });

  it("embeds each heading trail once", async () => {
    const model = embedder();
    const headings = new HeadingVectors(model);
    const first = [0, 1].map((position) => ({ position, fused: 0 }));
    await headings.reorder(first, QUESTION, headingOf);
    await headings.reorder([...first, { position: 2, fused: 0 }, { position: 3, fused: 0 }], QUESTION, () => [
      "Guide",
      "Near",
    ]);
    await headings.reorder([{ position: 2, fused: 0 }], QUESTION, headingOf);
    expect(model.asked).toEqual([["Guide > Away", "Guide > Near"], ["Guide > Across"]]);
  });
});
