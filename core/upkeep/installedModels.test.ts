import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { InstalledModel } from "../../contracts/models.ts";
import { openInstalledModels } from "../models/installed.ts";
import { folderRecords } from "../storage/records.ts";
import { fsck } from "./fsck.ts";
import { collectGarbage } from "./gc.ts";
import { readInventory } from "./inventory.ts";
import { age, stateFolder } from "./testing/homeFixture.ts";

const record = (name: string, artifact: ArtifactRef): InstalledModel => ({
  ...{ name, kind: "embedder", family: "bert", dimensions: 2, maxTokens: 8, pooling: "mean", prefixes: null },
  ...{ licence: null, bytes: 1, parameters: 1, source: { from: "folder" }, artifact, installedAt: "" },
});

/** A home with a release, two models of which one is installed, and an old download. */
async function homeWithModels() {
  const state = stateFolder();
  const models = openInstalledModels(folderRecords(state.home));
  await state.promote(await state.release(1));
  const kept = await state.artifact("model", { "config.json": "{}" });
  const left = await state.artifact("model", { "config.json": "[]" });
  await models.put(record("org/kept", kept));
  const download = join(state.home, "downloads", "org--half-1110a24");
  mkdirSync(download, { recursive: true });
  writeFileSync(join(download, "model.part"), "half");
  const { artifacts, leftovers } = await readInventory(state.home);
  for (const path of [...artifacts.map(({ folder }) => folder), ...leftovers]) age(path);
  const keys = async () => (await readInventory(state.home)).artifacts.map(({ key }) => key);
  const collect = () => collectGarbage(state.home, { keep: 1, graceHours: 48, inUse: [], apply: true });
  return { ...state, models, kept, left, download, keys, collect };
}

const keyOf = ({ uri }: ArtifactRef) => uri.replace("winnow:", "");

test("gc keeps an installed model that no release uses, until it is removed, and drops old downloads", async () => {
  const { home, models, kept, left, keys, collect, download } = await homeWithModels();
  const { removals } = await collect();
  expect(await keys()).toContain(keyOf(kept));
  expect(await keys()).not.toContain(keyOf(left));
  expect(removals).toContainEqual({ path: download, what: "leftover", bytes: 4 });
  expect((await fsck(home)).findings).toEqual([]);
  await models.remove("org/kept");
  await collect();
  expect(await keys()).not.toContain(keyOf(kept));
});

test("gc removes no model while a record cannot be read, since it may name any", async () => {
  const { home, left, keys, collect } = await homeWithModels();
  writeFileSync(join(home, "models", "org--kept.json"), "{");
  await collect();
  expect(await keys()).toContain(keyOf(left));
});

test("fsck names a damaged record of a model, and a model whose files are gone or damaged", async () => {
  const { home, models, kept, left } = await homeWithModels();
  await models.put(record("other", left));
  rmSync(join(home, "artifacts", keyOf(left)), { recursive: true });
  writeFileSync(join(home, "artifacts", keyOf(kept), "config.json"), "[]");
  writeFileSync(
    join(home, "models", "torn.json"),
    readFileSync(join(home, "models", "other.json"), "utf8").slice(0, 40),
  );
  const { clean, findings } = await fsck(home);
  expect(clean).toBe(false);
  const told = findings.filter(({ severity }) => severity === "damaged").map(({ problem }) => problem);
  expect(told).toEqual([
    expect.stringMatching(/config\.json does not match its SHA-256/),
    "is missing, but it is the installed model other",
    "is not the record of an installed model",
  ]);
});
