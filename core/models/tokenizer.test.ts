import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeTinyTokenizer } from "./testing/tinyModel.ts";
import { openTokenizer } from "./tokenizer.ts";

describe("tokenizer", async () => {
  const folder = await mkdtemp(join(tmpdir(), "winnow-tokenizer-"));
  await writeTinyTokenizer(folder);
  const tokenizer = await openTokenizer(folder);

  it("counts wordpieces without the special tokens, whatever the white space", () => {
    expect(tokenizer.count("create a\n\n  Job")).toBe(3);
    expect(tokenizer.count("jobs")).toBe(2);
    expect(tokenizer.count("")).toBe(0);
  });

  it("frames a text with [CLS] and [SEP] and cuts it to the limit", () => {
    const { ids } = tokenizer.encode("create a job", 4);
    expect(ids).toHaveLength(4);
    expect([ids[0], ids[3]]).toEqual([2, 3]);
  });

  it("cuts the question first and gives the passage what is left", () => {
    const { ids, typeIds } = tokenizer.encodePair("create a job", "the pod runs a job", 8, 2);
    expect(typeIds).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(ids.filter((id) => id === 3)).toHaveLength(2);
    expect(ids).toHaveLength(8);
  });

  it("names the missing file", async () => {
    await expect(openTokenizer(join(folder, "absent"))).rejects.toThrow(/absent.tokenizer\.json is missing/);
  });

  it("reports that a broken tokenizer.json cannot be read", async () => {
    const broken = await mkdtemp(join(tmpdir(), "winnow-tokenizer-"));
    await writeFile(join(broken, "tokenizer.json"), "{");
    await expect(openTokenizer(broken)).rejects.toMatchObject({ code: "BadModel" });
  });
});
