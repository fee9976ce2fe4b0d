import { describe, expect, it } from "vitest";
import { batchesByLength, encoderFeeds } from "./batches.ts";

describe("batches", () => {
  it("hold rows of similar length within both limits", () => {
    expect(batchesByLength([3, 10, 9, 2, 4], 2, 20)).toEqual([[1, 2], [4, 0], [3]]);
    expect(batchesByLength([30], 8, 20)).toEqual([[0]]);
    expect(batchesByLength([], 8, 20)).toEqual([]);
  });

  it("are padded to the longest row and masked there", () => {
    const feeds = encoderFeeds([{ ids: [5, 6] }, { ids: [7], typeIds: [1] }]);
    expect(feeds.input_ids?.data).toEqual(BigInt64Array.from([5n, 6n, 7n, 0n]));
    expect(feeds.attention_mask?.data).toEqual(BigInt64Array.from([1n, 1n, 1n, 0n]));
    expect(feeds.token_type_ids?.data).toEqual(BigInt64Array.from([0n, 0n, 1n, 0n]));
  });
});
