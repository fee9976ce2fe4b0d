import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeRepository, parseRepository } from "../hub/repository.ts";
import { cutAfter, FakeHub, times } from "../hub/testing/fakeHub.ts";
import { openInstalledModels } from "../installed.ts";
import { withHubFiles } from "./fromHub.ts";
import type { ReadModel } from "./install.ts";
import { ctx, Installing, NAME } from "./testing/installing.ts";

const given = new Installing();

describe("a model of the hub", () => {
  let hub: FakeHub;

  beforeEach(async () => {
    hub = await new FakeHub().start();
    const files = Object.fromEntries(readdirSync(given.folder).map((name) => [name, readFileSync(given.at(name))]));
    hub.repositories[NAME] = {
      files: { ...files, "pytorch_model.bin": Buffer.from("x"), "onnx/model.onnx": Buffer.from("y") },
    };
  });

  afterEach(() => hub.stop());

  async function fromHub(asked = NAME, name = asked): Promise<ReadModel> {
    const call = hub.call({ tries: 1 });
    const repository = await describeRepository(call, parseRepository(asked));
    const source = { from: "hub" as const, repository: asked, revision: repository.commit };
    return withHubFiles(call, repository, given.home, ctx, (files) => given.install({ name, files, source }));
  }

  test("is fetched without pickles, and without the export of what a family builds itself", async () => {
    const model = await fromHub();
    expect(model.source).toEqual({ from: "hub", repository: NAME, revision: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(model.artifact).toEqual((await given.install()).artifact);
    const fetched = hub
      .lines()
      .filter((line) => line.includes("/resolve/"))
      .map((line) => line.split("/").at(-1));
    expect(fetched.sort()).toEqual(readdirSync(given.folder).sort());
    expect(readdirSync(join(given.home, "downloads"))).toEqual([]);
  });

  test("keeps the preset of its repository under another name, and a folder finds one by its name", async () => {
    hub.repositories["intfloat/e5-small-v2"] = hub.repositories[NAME]!;
    const fetched = await fromHub("intfloat/e5-small-v2", "e5");
    expect(fetched).toMatchObject({ name: "e5", prefixes: { question: "query: ", passage: "passage: " } });
    const copy = await given.install({ name: "Intfloat/e5-small-v2" });
    expect(copy.read.preset).toBe("intfloat/e5-small-v2");
    expect(copy.artifact).toEqual(fetched.artifact);
    expect((await given.install({ name: "own" })).artifact).toEqual((await given.install({ name: "other" })).artifact);
  });

  test("whose download is interrupted is continued by the next command", async () => {
    const downloads = join(given.home, "downloads");
    const arrived = () => {
      const parts = readdirSync(downloads, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".part"),
      );
      return Math.max(0, ...parts.map((name) => statSync(join(downloads, name)).size));
    };
    hub.faults.storage.push(times(1, cutAfter(20_000, arrived)));
    await expect(fromHub()).rejects.toMatchObject({ code: "HubUnavailable" });
    expect(existsSync(join(given.home, "models"))).toBe(false);
    expect(readdirSync(join(given.home, "downloads"))).toHaveLength(1);
    await fromHub();
    expect(hub.seen.flatMap(({ headers }) => headers.range ?? []).at(-1)).toBe("bytes=20000-");
  });

  test("that could not be tried or recorded is installed by the next command without a second download", async () => {
    const records = { ...given.storage.records, replace: () => Promise.reject(new Error("the bucket is away")) };
    const { storage } = given;
    given.storage = { ...storage, records };
    await expect(fromHub()).rejects.toThrow(/the bucket is away/);
    const resolved = () => hub.lines().filter((line) => line.includes("/resolve/")).length;
    const fetched = resolved();
    given.storage = storage;
    expect((await fromHub()).name).toBe(NAME);
    expect(resolved()).toBe(fetched);
    expect(readdirSync(join(given.home, "downloads"))).toEqual([]);
  });

  test("is fetched by one command at a time; the other one says so", async () => {
    const results = await Promise.allSettled([fromHub(), fromHub()]);
    const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    for (const error of failed)
      expect(error).toMatchObject({
        code: "Busy",
        message: expect.stringMatching(/another download of org\/small runs already, by process/),
      });
    expect(failed.length).toBeLessThan(2);
    expect(await openInstalledModels(given.storage.records).list()).toHaveLength(1);
  });

  test("without weights that Winnow reads is refused before anything is fetched", async () => {
    const { "model.safetensors": _, "onnx/model.onnx": __, ...rest } = hub.repositories[NAME]!.files;
    hub.repositories[NAME] = { files: rest };
    await expect(fromHub()).rejects.toThrow(/org\/small is not installed: pytorch_model\.bin is a pickle/);
    expect(hub.lines().filter((line) => line.includes("/resolve/"))).toEqual([]);
    given.expectNothing();
  });
});
