import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readModel } from "../../../onnx/read.ts";
import { ELEMENT_CODES, type ModelProto } from "../../../onnx/schema.ts";
import { writeModel } from "../../../onnx/write.ts";
import { writeOptions } from "../../reading/options.ts";
import { describeEmbedder, openEmbedder } from "../index.ts";

const fixtures = fileURLToPath(new URL("../fixtures/embedders", import.meta.url));
const FILE = "onnx/model.onnx";

/** A copy of a fixture, whose ONNX model `change` modifies. */
async function copyOf(name: string, change: (model: ModelProto) => void = () => {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-exported-"));
  await cp(join(fixtures, name), folder, { recursive: true });
  const file = join(folder, FILE);
  const model = readModel(await readFile(file), file);
  change(model);
  await writeFile(file, writeModel(model));
  return folder;
}

async function vectorOf(folder: string): Promise<Float32Array> {
  const embedder = await openEmbedder(folder, { threads: 1 });
  const vector = await embedder.embed({ passages: ["the pod runs a container in a node"] });
  await embedder.close();
  return vector;
}

describe("an exported embedder", () => {
  it("takes the pooled vectors of an export that has them, unless the operator stated a pooling", async () => {
    const folder = await copyOf("vectors");
    expect(await vectorOf(folder)).toHaveLength(20);
    const modules = JSON.parse(await readFile(join(folder, "modules.json"), "utf8"));
    await writeFile(join(folder, "modules.json"), JSON.stringify(modules.slice(0, 2)));
    await expect(vectorOf(folder)).rejects.toThrow(/sentence_embedding is \[1,20\], expected 24 numbers for each text/);
    const [mean, cls] = [await vectorWith(folder, "mean"), await vectorWith(folder, "cls")];
    expect([mean.length, cls.length]).toEqual([24, 24]);
    expect(mean).not.toEqual(cls);
  });

  async function vectorWith(folder: string, pooling: "mean" | "cls"): Promise<Float32Array> {
    await writeOptions(folder, { pooling });
    return vectorOf(folder);
  }

  it("is read whatever its only output is called, and without a config.json", async () => {
    const folder = await copyOf("states", ({ graph }) => {
      const [output] = graph.outputs;
      const node = graph.nodes.find(({ outputs }) => outputs.includes(output!.name))!;
      node.outputs = ["1926"];
      output!.name = "1926";
    });
    expect(await vectorOf(folder)).toEqual(await vectorOf(await copyOf("states")));
    await rm(join(folder, "config.json"));
    expect(await vectorOf(folder)).toHaveLength(24);
  });

  it("lies beside the other files as well as in the folder onnx", async () => {
    const folder = await copyOf("states");
    const { modelDigest } = await describeEmbedder(folder);
    await copyFile(join(folder, FILE), join(folder, "model.onnx"));
    await rm(join(folder, "onnx"), { recursive: true });
    expect(await vectorOf(folder)).toHaveLength(24);
    expect((await describeEmbedder(folder)).modelDigest).not.toBe(modelDigest);
  });

  it.each<[string, string, (model: ModelProto) => void, RegExp]>([
    [
      "another input",
      "states",
      ({ graph }) => (graph.inputs[0]!.name = "pixels"),
      /model\.onnx: unsupported input pixels/,
    ],
    [
      "a reranker's output",
      "states",
      ({ graph }) => (graph.outputs[0]!.name = "logits"),
      /expected the output .*, got logits/,
    ],
    [
      "an output of half precision",
      "states",
      ({ graph }) => (graph.outputs[0]!.elementCode = ELEMENT_CODES.float32 + 9),
      /output last_hidden_state is of element type 10; use a float32 export/,
    ],
    [
      "weights that are not numbers",
      "states",
      ({ graph }) => {
        const table = graph.initializers.find(({ name }) => name.includes("position_embeddings"))!;
        table.raw = new Uint8Array(new Float32Array(table.raw.length / 4).fill(Number.NaN).buffer);
      },
      /vectors are not numbers; the weights are damaged/,
    ],
  ])("with %s is refused", async (_, name, change, message) => {
    const refusal = { code: "BadModel", message: expect.stringMatching(message) };
    await expect(vectorOf(await copyOf(name, change))).rejects.toMatchObject(refusal);
  });

  it("of states alone is refused where modules.json lists a Dense layer that it lacks", async () => {
    const folder = await copyOf("vectors", ({ graph }) => {
      graph.outputs = graph.outputs.filter(({ name }) => name === "token_embeddings");
    });
    await expect(openEmbedder(folder)).rejects.toThrow(/lists a Dense layer, which this export lacks/);
  });
});
