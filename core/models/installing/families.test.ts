import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readModel } from "../../onnx/read.ts";
import { writeModel } from "../../onnx/write.ts";
import { folderFiles } from "./fromFolder.ts";
import type { ModelFiles } from "./modelFiles.ts";
import { Installing } from "./testing/installing.ts";

/** `TensorProto.DataType`. */
const FLOAT16 = 10;
const given = new Installing();
const fixtures = (path: string) => fileURLToPath(new URL(`../families/${path}`, import.meta.url));

test.each([
  ["bert/fixtures/rerankers/bert", "reranker", "bert"],
  ["bert/fixtures/rerankers/distilbert", "reranker", "distilbert"],
  ["bert/fixtures/rerankers/roberta", "reranker", "roberta"],
  ["bert/fixtures/rerankers/xlm-roberta", "reranker", "roberta"],
  ["bert/fixtures/embedders/distilbert", "embedder", "distilbert"],
  ["bert/fixtures/embedders/xlm-roberta", "embedder", "roberta"],
  ["fixtures/embedders/dense", "embedder", "bert"],
  ["fixtures/embedders/static", "embedder", "static"],
  ["fixtures/embedders/states", "embedder", "exported"],
  ["fixtures/embedders/vectors", "embedder", "exported"],
  ["modernbert/fixtures/embedder", "embedder", "modernbert"],
  ["modernbert/fixtures/classifier", "reranker", "modernbert"],
  ["modernbert/fixtures/modular", "reranker", "modernbert"],
])("%s is installed as a %s of family %s", async (path, kind, family) => {
  const model = await given.install({ files: await folderFiles(fixtures(path)) });
  expect(model).toMatchObject({ kind, family, pooling: kind === "reranker" ? null : expect.any(String) });
  expect(model.dimensions === null).toBe(kind === "reranker");
});

test("a folder as hubs have it, with modules, safetensors and an export, is installed by its safetensors", async () => {
  const files = await folderFiles(fixtures("fixtures/embedders/cls"));
  const exported = await folderFiles(fixtures("fixtures/embedders/states"));
  const both: ModelFiles = {
    files: [...files.files, ...exported.files.filter(({ path }) => path.endsWith(".onnx"))],
    take: (path, ...rest) => (path.endsWith(".onnx") ? exported : files).take(path, ...rest),
  };
  const model = await given.install({ files: both });
  expect(model).toMatchObject({ kind: "embedder", family: "bert", pooling: "cls" });
  const { artifact } = await given.install({ files });
  expect(model.artifact).toEqual(artifact);
});

test("an exported reranker is installed, and refused in half precision, from which no run could start", async () => {
  const folder = fileURLToPath(new URL("../../training/loop/fixtures/exports/bert", import.meta.url));
  expect(await given.install({ files: await folderFiles(folder) })).toMatchObject({
    kind: "reranker",
    family: "exported",
  });
  rmSync(given.folder, { recursive: true });
  cpSync(folder, given.folder, { recursive: true });
  const file = given.at("model.onnx");
  const model = readModel(readFileSync(file), file);
  model.graph.initializers.find(({ dims }) => dims.length === 2)!.elementCode = FLOAT16;
  writeFileSync(file, writeModel(model));
  await expect(given.install()).rejects.toThrow(/model\.onnx: .*(needs a float32 export|no float32 table)/);
});
