import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { cosineScale, cosineSpread, REFERENCE } from "./cosineScale.ts";

/** Vectors of an embedder whose cosines lie in a narrow band: a common part, and a part of their own of this size. */
function narrow(count: number, own: number, modelDigest = "e".repeat(64)) {
  const random = seededRandom(5);
  const dim = 24;
  const rows = Array.from({ length: count }, () => {
    const row = Float32Array.from({ length: dim }, (_, at) => (at === 0 ? 1 : own * (random() - 0.5)));
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    return row.map((x) => x / norm);
  });
  const dot = (position: number, query: Float32Array) =>
    rows[position]!.reduce((sum, x, at) => sum + x * query[at]!, 0);
  return { count, modelDigest, read: (start: number) => rows[start]!, dot };
}

describe("cosines on one scale", () => {
  it("have the reference's mean and deviation over random pairs, however narrow the embedder's own band is", () => {
    for (const own of [0.3, 0.9]) {
      const vectors = narrow(300, own);
      const spread = cosineSpread(vectors)!;
      expect(spread.mean).toBeGreaterThan(0.3);
      const scale = cosineScale(spread);
      const cosines: number[] = [];
      for (let a = 0; a < 300; a += 3)
        for (let b = a + 1; b < 300; b += 7) cosines.push(scale(vectors.dot(a, vectors.read(b))));
      const mean = cosines.reduce((sum, x) => sum + x, 0) / cosines.length;
      const variance = cosines.reduce((sum, x) => sum + (x - mean) ** 2, 0) / cosines.length;
      expect(mean).toBeCloseTo(REFERENCE.mean, 1);
      expect(Math.sqrt(variance)).toBeCloseTo(REFERENCE.deviation, 1);
    }
  });

  it("keep their order, and have the same spread in every run", () => {
    const spread = cosineSpread(narrow(50, 0.5))!;
    expect(cosineSpread(narrow(50, 0.5))).toEqual(spread);
    const scale = cosineScale(spread);
    expect([0.2, 0.9, 0.91, 1].map(scale)).toEqual([0.2, 0.9, 0.91, 1].map(scale).sort((a, b) => a - b));
  });

  it("of the reference are left as they are, as are those of one window and of equal windows", () => {
    expect(cosineSpread(narrow(50, 0.5, REFERENCE.modelDigest))).toBeNull();
    expect(cosineSpread(narrow(1, 0.5))).toBeNull();
    expect(cosineSpread(narrow(50, 0))).toBeNull();
    expect(cosineScale(undefined)(0.123)).toBe(0.123);
  });
});
