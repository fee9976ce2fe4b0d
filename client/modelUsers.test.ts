import { expect, test } from "vitest";
import { readCliConfig } from "../config/cliConfig.ts";
import type { InstalledModel } from "../contracts/models.ts";
import { openInstalledModels } from "../core/models/installed.ts";
import { folderRecords } from "../core/storage/records.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { addModel, listModels, removeModel } from "./models.ts";

test("a model that a release embeds with is not removed, and the release is named; another model is", async () => {
  const { home, release, artifact } = stateFolder();
  const made = await release(1);
  const models = openInstalledModels(folderRecords(home));
  const facts = {
    ...{ kind: "embedder", family: "bert", dimensions: 2, maxTokens: 8, pooling: "mean", prefixes: null },
    ...{ licence: null, bytes: 1, parameters: 1, source: { from: "folder" }, installedAt: "" },
  } satisfies Partial<InstalledModel>;
  await models.put({ ...facts, name: "org/used", artifact: made.manifest.embedder });
  await models.put({ ...facts, name: "org/unused", artifact: await artifact("model", { "config.json": "{}" }) });
  const config = readCliConfig({ WINNOW_HOME: home, WINNOW_CACHE: home, HOME: home });
  await expect(removeModel(config, "used")).rejects.toMatchObject({
    code: "BadInput",
    message: `org/used is not removed: release ${made.id} of k8s needs it`,
  });
  expect((await removeModel(config, "unused")).name).toBe("org/unused");
  expect((await listModels(config)).map(({ name }) => name)).toEqual(["org/used"]);
  await expect(removeModel(config, "unused")).rejects.toThrow(/no model unused is installed: .*models add ORG\/NAME/);
});

test("options that no model can have are refused before anything is read or fetched", async () => {
  const { home } = stateFolder();
  const config = readCliConfig({
    WINNOW_HOME: home,
    WINNOW_CACHE: home,
    HOME: home,
    HF_ENDPOINT: "http://127.0.0.1:9",
  });
  for (const maxTokens of [2, 10, 0.5])
    await expect(addModel(config, "org/small", { maxTokens })).rejects.toMatchObject({
      code: "BadInput",
      message: expect.stringMatching(/^maxTokens: /),
    });
});
