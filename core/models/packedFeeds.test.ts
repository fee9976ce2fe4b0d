import { describe, expect, it } from "vitest";
import { packedFeeds } from "./packedFeeds.ts";

const rows = [{ ids: [2, 7, 3], typeIds: [0, 0, 1] }, { ids: [2, 3] }];

describe("packed feeds", () => {
  it("lay sequences one after the other and give each token's slot", () => {
    const feeds = packedFeeds(rows, "mean");
    const numbers = (name: string) => Array.from(feeds[name]!.data as BigInt64Array, Number);
    expect(numbers("input_ids")).toEqual([2, 7, 3, 2, 3]);
    expect(numbers("position_ids")).toEqual([0, 1, 2, 0, 1]);
    expect(numbers("token_type_ids")).toEqual([0, 0, 1, 0, 0]);
    expect(numbers("sequence_of_token")).toEqual([0, 0, 0, 1, 1]);
    expect(numbers("slot_of_token")).toEqual([0, 1, 2, 3, 4]);
    expect(numbers("token_of_slot")).toEqual([0, 1, 2, 3, 4, 0]);
    expect([...(feeds.slot_mask!.data as Float32Array)]).toEqual([1, 1, 1, 1, 1, 0]);
    expect([...(feeds.attention_bias!.data as Float32Array)]).toEqual([0, 0, 0, 0, 0, -10000]);
  });

  it("pool by the mean over a sequence's own tokens, or take its first", () => {
    const third = Math.fround(1 / 3);
    expect([...(packedFeeds(rows, "mean").pool_weights!.data as Float32Array)]).toEqual([
      ...[third, third, third, 0, 0],
      ...[0, 0, 0, 0.5, 0.5],
    ]);
    expect([...(packedFeeds(rows, "cls").pool_weights!.data as Float32Array)]).toEqual([
      ...[1, 0, 0, 0, 0],
      ...[0, 0, 0, 1, 0],
    ]);
  });
});
