import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstalledModel, ListedModel } from "../../contracts/models.ts";
import { COMMIT, FakeHub } from "../../core/models/hub/testing/fakeHub.ts";
import { writeTinyModel } from "../../core/models/testing/tinyModel.ts";
import { freshHome, winnow } from "./command.ts";

const TOKEN = "hf_canary";
let home: Awaited<ReturnType<typeof freshHome>>;
let hub: FakeHub;

beforeAll(async () => {
  home = await freshHome();
  hub = await new FakeHub().start();
  const folder = await mkdtemp(join(tmpdir(), "winnow-model-"));
  await writeTinyModel(folder);
  const files: Record<string, Buffer> = { "README.md": Buffer.from("---\nlicense: mit\n---\n") };
  for (const name of await readdir(folder)) files[name] = await readFile(join(folder, name));
  hub.repositories["org/tiny"] = { files, token: TOKEN, gated: true };
  await rm(folder, { recursive: true });
});

afterAll(async () => {
  await hub.stop();
  await home.remove();
});

const models = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  winnow(home.home, ["models", ...args], { env: { HF_ENDPOINT: hub.endpoint, ...env } });

test("a gated model of the hub is added with a token, listed, shown and removed, and the token stays secret", async () => {
  const without = await models(["add", "org/tiny"]);
  expect(without).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/org\/tiny is gated\. Accept its terms at .*HF_TOKEN/),
  });
  const added = await models(["add", "org/tiny", "--query-prefix", "query: ", "--json"], { HF_TOKEN: TOKEN });
  expect(added.stderr).not.toMatch(/^winnow:/m);
  const model: InstalledModel = JSON.parse(added.stdout);
  expect(model).toMatchObject({ name: "org/tiny", prefixes: { question: "query: ", passage: "" }, licence: "mit" });
  expect(model.source).toEqual({ from: "hub", repository: "org/tiny", revision: COMMIT });

  const listed: ListedModel[] = JSON.parse((await models(["list", "--json"])).stdout);
  expect(listed).toEqual([
    {
      ...{ name: "org/tiny", digest: model.artifact.sha256, kind: "embedder", family: "bert" },
      ...{ dimensions: 32, maxTokens: 64, licence: "mit" },
    },
  ]);
  const shown = await models(["show", "tiny"]);
  expect(shown.stdout).toMatch(/question "query: ", passage "" +\(given when it was installed\)/);
  expect(shown.stdout).toMatch(/Licence +mit +\(from README\.md\)/);
  expect(shown.stdout).toContain(COMMIT);

  expect((await models(["remove", "tiny"])).code).toBe(0);
  expect(await models(["show", "tiny"])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no model tiny is installed/),
  });
  expect(JSON.stringify([without, added, shown])).not.toContain(TOKEN);
});
