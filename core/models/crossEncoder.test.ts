import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Graph } from "../onnx/graph.ts";
import { writeModel } from "../onnx/write.ts";
import { openCrossEncoder } from "./crossEncoder.ts";
import { openBaseModel } from "./families/index.ts";
import { writeTinyModel } from "./testing/tinyModel.ts";

async function folderWith(model: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-cross-encoder-"));
  await writeTinyModel(folder);
  await mkdir(join(folder, "onnx"));
  await writeFile(join(folder, "onnx", "model.onnx"), model);
  return folder;
}

describe("cross-encoder", () => {
  let folder: string;
  beforeAll(async () => {
    const base = await openBaseModel(await folderWith(new Uint8Array(0)), 1);
    folder = await folderWith(writeModel(base.network.toModel(base.weights)));
  });

  it("returns one logit for each passage in input order, whatever its batch", async () => {
    const reranker = await openCrossEncoder(folder, { threads: 1 });
    const passages = ["the pod runs a container in a node", "red", "how do i create a job", "blue service"];
    const together = await reranker.score("what is a pod", passages);
    expect(new Set(together).size).toBe(4);
    for (const [i, passage] of passages.entries()) {
      expect((await reranker.score("what is a pod", [passage]))[0]).toBeCloseTo(together[i]!, 5);
    }
    expect(await reranker.score("what is a pod", [])).toEqual([]);
    await reranker.close();
  });

  it("reads no more of a pair than its limit", async () => {
    const reranker = await openCrossEncoder(folder, { threads: 1, maxTokens: 12 });
    const long = `the pod runs ${"a node ".repeat(40)}`;
    const [cut, whole] = await reranker.score("what is red", [long, `${long} green blue`]);
    expect(cut).toBe(whole);
    await reranker.close();
  });

  it("reports how much it reads of each pair", async () => {
    const reranker = await openCrossEncoder(folder, { threads: 1, maxTokens: 12 });
    const long = `the pod runs ${"a node ".repeat(40)}`;
    const { questionCut, pairs } = reranker.extent("what is red", ["", "the pod runs", long]);
    expect(questionCut).toBe(false);
    expect(pairs).toEqual([
      { tokens: 6, cut: false },
      { tokens: 9, cut: false },
      { tokens: 12, cut: true },
    ]);
    expect(reranker.extent("red ".repeat(20), ["blue"])).toEqual({
      questionCut: true,
      pairs: [{ tokens: 12, cut: true }],
    });
    await reranker.close();
  });

  it("names what a folder lacks", async () => {
    await expect(openCrossEncoder(join(folder, "absent"))).rejects.toThrow(/absent.onnx.model\.onnx cannot be read/);
    const other = new Graph("other");
    other.output("y", other.input("x", "float32", [1]));
    await expect(openCrossEncoder(await folderWith(other.toBytes()))).rejects.toThrow(
      /expected inputs input_ids.*got inputs x and outputs y/,
    );
  });
});
