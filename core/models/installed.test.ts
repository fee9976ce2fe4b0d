import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { InstalledModel } from "../../contracts/models.ts";
import { folderRecords } from "../storage/records.ts";
import { type InstalledModels, openInstalledModels } from "./installed.ts";

let home: string;
let models: InstalledModels;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "winnow-installed-"));
  models = openInstalledModels(folderRecords(home));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function model(name: string, digit = "a"): InstalledModel {
  const sha256 = digit.repeat(64);
  return {
    name,
    kind: "embedder",
    family: "bert",
    dimensions: 384,
    maxTokens: 512,
    pooling: "cls",
    prefixes: { question: "query: ", passage: "" },
    licence: "mit",
    bytes: 133_000_000,
    parameters: 33_360_000,
    source: { from: "hub", repository: name, revision: "1110a24" },
    artifact: { uri: `winnow:model/${sha256}`, sha256, bytes: 133_000_000 },
    installedAt: "2026-11-30T12:00:00.000Z",
  };
}

test("a model is found by its name, and by the last part of it while that is unique", async () => {
  const bge = model("BAAI/bge-small-en-v1.5");
  await models.put(bge);
  await models.put(model("own"));
  expect(await models.find("BAAI/bge-small-en-v1.5")).toEqual(bge);
  expect(await models.find("bge-small-en-v1.5")).toEqual(bge);
  for (const name of ["small-en-v1.5", "BAAI", "qdrant/bge-small-en-v1.5"]) expect(await models.find(name)).toBeNull();
  await models.put(model("qdrant/bge-small-en-v1.5"));
  await expect(models.find("bge-small-en-v1.5")).rejects.toThrow(
    /names several installed models: give one of BAAI\/bge-small-en-v1\.5, qdrant\/bge-small-en-v1\.5$/,
  );
  await models.put(model("bge-small-en-v1.5", "b"));
  expect((await models.find("bge-small-en-v1.5"))?.artifact.sha256).toBe("b".repeat(64));
});

test("a removed model is gone, and removing it again changes nothing", async () => {
  await models.put(model("org/one"));
  await models.put(model("two"));
  await models.remove("one");
  expect((await models.list()).map(({ name }) => name)).toEqual(["org/one", "two"]);
  await models.remove("org/one");
  await models.remove("org/one");
  expect((await models.list()).map(({ name }) => name)).toEqual(["two"]);
});

test("names that lead elsewhere or could be read two ways are refused", async () => {
  for (const name of ["", "..", "../x", "a/b/c", "a--b", "a-/b", "-a", "/a", "a/", "a b", "a\\b", "x".repeat(201)]) {
    await expect(models.find(name), name).rejects.toThrow(/is no name of a model: give a name such as/);
    await expect(models.put(model(name)), name).rejects.toThrow(/is no name of a model/);
  }
  expect(readdirSync(home)).toEqual([]);
});

test("of concurrent installs of one name one wins, and no reader sees a torn record", async () => {
  const digits = [..."0123456789abcdef"];
  const puts = digits.map((digit) => models.put(model("org/one", digit)));
  const reads = Array.from({ length: 50 }, () => models.find("one"));
  const seen = (await Promise.all(reads)).filter((found) => found !== null);
  await Promise.all(puts);
  const last = await models.find("one");
  for (const found of [...seen, last]) expect(digits).toContain(found?.artifact.sha256[0]);
  expect(readdirSync(join(home, "models"))).toEqual(["org--one.json"]);
});

test("a damaged record is named with what to do, and other models are still found", async () => {
  await models.put(model("org/one"));
  await models.put(model("two"));
  writeFileSync(join(home, "models", "two.json"), JSON.stringify(model("three")));
  await expect(models.list()).rejects.toThrow(/two\.json is not the record of model two: install the model again/);
  writeFileSync(join(home, "models", "two.json"), '{"name": "two"');
  await expect(models.find("two")).rejects.toThrow(/CorruptArtifact|is not the record of model two/);
  expect((await models.find("one"))?.name).toBe("org/one");
});
