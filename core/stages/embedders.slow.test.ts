import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { InstalledModel } from "../../contracts/models.ts";
import { quietContext } from "../base/progress.ts";
import { openInstalledModels } from "../models/installed.ts";
import { folderFiles } from "../models/installing/fromFolder.ts";
import { installModel } from "../models/installing/install.ts";
import { tryModel } from "../models/installing/tryModel.ts";
import { writeTinyModel } from "../models/testing/tinyModel.ts";
import { openEngine } from "../serving/engine.ts";
import type { Storage } from "../storage/openStorage.ts";
import { artifactsOf, releaseFolders } from "../storage/releaseFolders.ts";
import type { Release } from "../storage/releases.ts";
import type { StageContext } from "./stage.ts";
import { tinyHome } from "./testing/tinyRelease.ts";

describe("releases of two embedders in one home", () => {
  let context: StageContext;
  let first: Release;
  let second: Release;
  let installed: InstalledModel;

  /** Installs a model with random weights, as `winnow models add` does. */
  const install = async (storage: Storage, width: number) => {
    const folder = await mkdtemp(join(tmpdir(), "winnow-wider-"));
    await writeTinyModel(folder, width, width);
    const given = { name: "acme/wider", source: { from: "folder" } as const, files: await folderFiles(folder) };
    const context = quietContext({ threads: 1 });
    return installModel(
      storage,
      { ...given, options: {} },
      { ...context, tryModel: (modelDir) => tryModel({ modelDir }, context) },
    );
  };

  beforeAll(async () => {
    const tiny = await tinyHome();
    context = tiny.context;
    installed = await install(tiny.storage, 48);
    first = await tiny.build(32);
    second = await tiny.build(
      48,
      await openInstalledModels(tiny.storage.records)
        .find("wider")
        .then((found) => found!),
    );
  }, 120_000);

  const ask = async (release: Release, question: string) => {
    const folders = await releaseFolders(context.store, release);
    const engine = await openEngine({ ...folders, release: release.id, ranking: "reranked" }, quietContext());
    try {
      return await engine.search(question, 3);
    } finally {
      await engine.close();
    }
  };

  it("names every model by digest: each release has its own embedder, and none is looked up in the cache", () => {
    expect(first.manifest.embedder.sha256).not.toBe(second.manifest.embedder.sha256);
    expect(new Set(artifactsOf(first.manifest).map(({ sha256 }) => sha256)).size).toBe(7);
    expect(first.manifest.reranker).toEqual({ role: "untrained", ref: first.manifest.untrained });
  });

  it("is built from the very artifact of an installed model, which is found by the last part of its name", () => {
    expect(second.manifest.embedder).toEqual(installed.artifact);
    expect(installed).toMatchObject({ name: "acme/wider", kind: "embedder", family: "bert", dimensions: 48 });
  });

  it("answers with both side by side, each with its own vectors", async () => {
    for (const release of [first, second, first]) {
      const { passages, release: of } = await ask(release, "the blue job is");
      expect(of).toBe(release.id);
      expect(passages).toHaveLength(3);
      expect(passages[0]!.scores.logit).not.toBeNull();
    }
    const [one, other] = [await ask(first, "red pod"), await ask(second, "red pod")];
    expect(one.passages.map(({ scores }) => scores.cosine)).not.toEqual(
      other.passages.map(({ scores }) => scores.cosine),
    );
  });

  it("refuses one release's vectors with the other's embedder", async () => {
    const own = await releaseFolders(context.store, first);
    const { embedderDir } = await releaseFolders(context.store, second);
    const mixed = { ...own, embedderDir, release: first.id, ranking: "reranked" as const };
    await expect(openEngine(mixed, quietContext())).rejects.toMatchObject({ code: "BadModel" });
  });

  it("rolls back from one to the other, and asks it again", async () => {
    const { releases } = context;
    const by = { by: "a test", reason: "side by side" };
    await releases.promote(first, { ...by, expected: null });
    await releases.promote(second, { ...by, expected: first.id });
    await releases.promote(first, { ...by, expected: second.id, kind: "rollback" });
    const champion = await releases.read((await releases.champion(first.manifest.corpus))!.release);
    expect(champion.id).toBe(first.id);
    expect((await ask(champion, "the green node")).passages).toHaveLength(3);
  });
});
