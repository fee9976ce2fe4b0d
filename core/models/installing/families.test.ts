import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderFiles } from "./fromFolder.ts";
import { Installing } from "./testing/installing.ts";

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
