import { createHash } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { damagedFiles, verifyModelDir } from "./verifyModel.ts";

describe("verifyModelDir", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-model-"));
    const header = Buffer.from(JSON.stringify({ weight: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    await writeFile(join(folder, "model.safetensors"), Buffer.concat([prefix, header, Buffer.alloc(8)]));
    await writeFile(join(folder, "config.json"), "{}");
    await writeFile(join(folder, "tokenizer.json"), "{}");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("accepts a whole folder", async () => {
    await expect(verifyModelDir(folder)).resolves.toBeUndefined();
  });

  it("names truncated weights", async () => {
    await truncate(join(folder, "model.safetensors"), 70);
    await expect(verifyModelDir(folder)).rejects.toMatchObject({
      code: "BadModel",
      message: expect.stringMatching(/model\.safetensors has 70 bytes, but its header requires/),
    });
  });

  it("names weights that are not safetensors", async () => {
    await writeFile(join(folder, "model.safetensors"), "version https://git-lfs.github.com/spec/v1\n");
    await expect(verifyModelDir(folder)).rejects.toMatchObject({
      code: "BadModel",
      message: expect.stringContaining("not a safetensors file"),
    });
  });

  it("names a config that does not parse, and a file that is missing", async () => {
    await writeFile(join(folder, "config.json"), "{");
    await expect(verifyModelDir(folder)).rejects.toMatchObject({
      message: expect.stringMatching(/config\.json is not JSON/),
    });
    await rm(join(folder, "config.json"));
    await expect(verifyModelDir(folder)).rejects.toMatchObject({
      message: expect.stringMatching(/config\.json is missing/),
    });
  });

  it("lists files that differ from the pinned digest, and missing files", async () => {
    const empty = createHash("sha256").update("{}").digest("hex");
    expect(await damagedFiles(folder, { "config.json": empty, "tokenizer.json": empty })).toEqual([]);
    await writeFile(join(folder, "config.json"), "{ }");
    expect(await damagedFiles(folder, { "config.json": empty, "vocab.txt": empty })).toEqual([
      "config.json",
      "vocab.txt",
    ]);
  });
});
