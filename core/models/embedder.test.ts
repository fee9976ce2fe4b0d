import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quietContext } from "../base/progress.ts";
import { batchesByLength, encoderFeeds } from "./batches.ts";
import { openEmbedder } from "./embedder.ts";
import { writeTinyModel } from "./testing/tinyModel.ts";

const folder = await mkdtemp(join(tmpdir(), "winnow-embedder-"));
await writeTinyModel(folder);

describe("embedder", () => {
  it("gives unit vectors in input order, whatever the batch they ran in", async () => {
    const embedder = await openEmbedder(folder, { threads: 1 });
    const texts = ["a job", "the pod runs a service in the node how do i create a job", "delete"];
    const together = await embedder.embed(texts);
    expect(together).toHaveLength(3 * embedder.dim);
    for (const [row, text] of texts.entries()) {
      const alone = await embedder.embed([text]);
      const vector = together.subarray(row * embedder.dim, (row + 1) * embedder.dim);
      expect(vector.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
      alone.forEach((x, i) => {
        expect(vector[i]).toBeCloseTo(x, 5);
      });
    }
    await embedder.close();
  });

  it("has a digest that changes with the weights", async () => {
    const other = await mkdtemp(join(tmpdir(), "winnow-embedder-"));
    await writeTinyModel(other, 2);
    const [first, second] = [await openEmbedder(folder), await openEmbedder(other)];
    expect(first.modelDigest).not.toBe(second.modelDigest);
    await Promise.all([first.close(), second.close()]);
  });

  it("stops between batches when cancelled", async () => {
    const embedder = await openEmbedder(folder);
    const stop = new AbortController();
    stop.abort();
    await expect(embedder.embed(["a"], { ...quietContext(), signal: stop.signal })).rejects.toThrow("cancelled");
    await embedder.close();
  });

  it("names the file that a model folder lacks", async () => {
    const broken = await mkdtemp(join(tmpdir(), "winnow-embedder-"));
    await writeTinyModel(broken);
    await rm(join(broken, "model.safetensors"));
    await expect(openEmbedder(broken)).rejects.toThrow(/model\.safetensors/);
  });
});

describe("batches", () => {
  it("hold rows of like length within both limits", () => {
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
