import { expect, test } from "vitest";
import type { ReadModel } from "../core/models/installing/install.ts";
import { presetHint, promptsHint, renderModel } from "./renderModel.ts";
import { HANG, printable } from "./style.ts";

const model: ReadModel = {
  ...{ name: "bge-small-en-v1.5", kind: "embedder", family: "bert", dimensions: 384, maxTokens: 512, pooling: "cls" },
  prefixes: { question: "query: ", passage: "" },
  ...{ licence: null, bytes: 133_000_000, parameters: 33_360_000, installedAt: "2026-11-30T12:00:00.000Z" },
  source: { from: "hub", repository: "BAAI/bge-small-en-v1.5", revision: "1110a24" },
  artifact: { uri: "winnow:model/a", sha256: "a", bytes: 133_000_000 },
  read: {
    from: {
      ...{ pooling: "file", prefixes: "option", maxTokens: "preset", dimensions: "file" },
      ...{ similarity: "default", activation: "default", licence: "default" },
    },
    files: { pooling: "1_Pooling/config.json", dimensions: "config.json" },
    preset: "BAAI/bge-small-en-v1.5",
    ignoredPrompts: [],
  },
};

test("each fact of a model is shown with the place it was read from", () => {
  const lines = printable(renderModel(model), false)
    .split("\n")
    .map((line) => line.replaceAll(HANG, "").replace(/\s+/g, " ").trim());
  expect(lines).toContain("Pooling cls (from 1_Pooling/config.json)");
  expect(lines).toContain('Prefixes question "query: ", passage "" (given when it was installed)');
  expect(lines).toContain("Length 512 tokens (preset of BAAI/bge-small-en-v1.5)");
  expect(lines).toContain("Licence not stated (default: the files do not state it)");
  expect(lines).toContain("Size 126.8 MB, 33.4 million weights");
  expect(lines).toContain("Source BAAI/bge-small-en-v1.5 at 1110a24");
});

test("a reranker has neither pooling nor prefixes nor width", () => {
  const text = renderModel({ ...model, kind: "reranker", dimensions: null, pooling: null, prefixes: null });
  expect(text).not.toMatch(/Pooling|Prefixes|Width/);
});

test("a folder that is called like a preset but was not matched with it gets the advice to name it", () => {
  expect(presetHint(model)).toBeNull();
  const unmatched = { ...model, read: { ...model.read, preset: null } };
  expect(presetHint(unmatched)).toContain("`--name BAAI/bge-small-en-v1.5`");
  expect(presetHint({ ...unmatched, name: "own" })).toContain("BAAI/bge-small-en-v1.5");
  expect(presetHint({ ...unmatched, name: "own", source: { from: "folder" } })).toBeNull();
});

test("prompts that are not used are listed with what to do", () => {
  expect(promptsHint(model)).toBeNull();
  const read = { ...model.read, ignoredPrompts: ["classification", "clustering"] };
  expect(promptsHint({ ...model, read })).toMatch(
    /^Its prompts classification, clustering are not used.*--query-prefix/,
  );
  expect(promptsHint({ ...model, kind: "reranker", read })).toBeNull();
});
