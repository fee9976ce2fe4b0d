import { expect, test } from "vitest";
import { embeddingShards } from "./embedPlan.ts";

test("shards are contiguous, cover all passages and have equal size", () => {
  for (const passages of [1, 5999, 6001, 11_515, 96_001, 319_999, 1_000_000]) {
    const shards = embeddingShards(passages);
    expect([shards[0]!.first, shards.at(-1)!.last]).toEqual([0, passages]);
    for (const [at, { first }] of shards.entries()) if (at > 0) expect(first).toBe(shards[at - 1]!.last);
    const sizes = shards.map(({ first, last }) => last - first);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
});

test.each([
  [383, 1],
  [6000, 1],
  [11_515, 2],
  [96_000, 16],
  [300_000, 16],
  [1_000_000, 50],
])("%i passages are embedded in %i shards", (passages, shards) => {
  expect(embeddingShards(passages)).toHaveLength(shards);
});
