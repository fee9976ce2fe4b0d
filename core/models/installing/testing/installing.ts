import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { quietContext } from "../../../base/progress.ts";
import { openStorage, type Storage } from "../../../storage/openStorage.ts";
import { writeTinyModel } from "../../testing/tinyModel.ts";
import { folderFiles } from "../fromFolder.ts";
import { type GivenModel, installModel, type ReadModel } from "../install.ts";
import { tryModel } from "../tryModel.ts";

export const NAME = "org/small";
export const ctx = quietContext();

/** The folder of a small model and an empty home, both fresh for each test. */
export class Installing {
  folder = "";
  home = "";
  storage!: Storage;

  constructor() {
    beforeEach(async () => {
      this.folder = mkdtempSync(join(tmpdir(), "winnow-given-"));
      this.home = mkdtempSync(join(tmpdir(), "winnow-home-"));
      this.storage = await openStorage(this.home, null);
      await writeTinyModel(this.folder);
    });
    afterEach(() => {
      for (const each of [this.folder, this.home]) rmSync(each, { recursive: true, force: true });
    });
  }

  /** A path in the model's folder. */
  at = (path: string) => join(this.folder, path);

  json(path: string) {
    return JSON.parse(readFileSync(this.at(path), "utf8"));
  }

  edit(path: string, changes: object): void {
    writeFileSync(this.at(path), JSON.stringify({ ...this.json(path), ...changes }));
  }

  async install(given: Partial<GivenModel> = {}): Promise<ReadModel> {
    const files = given.files ?? (await folderFiles(this.folder));
    const model = { name: NAME, source: { from: "folder" as const }, options: {}, ...given, files };
    return installModel(this.storage, model, {
      ...ctx,
      tryModel: (modelDir: string) => tryModel({ modelDir }, ctx),
    });
  }

  expectNothing(): void {
    const stored = join(this.home, "artifacts", "model");
    expect(existsSync(stored) ? readdirSync(stored) : []).toEqual([]);
    expect(existsSync(join(this.home, "models"))).toBe(false);
  }
}
