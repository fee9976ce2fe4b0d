import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCodeVersions, STEP_NAMES } from "./index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let copy = "";
let before: Record<string, string>;
/** A model is stored unchanged, so no code of Winnow affects it. */
const steps = STEP_NAMES.filter((name) => name !== "model");
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "winnow-recipe-"));
  for (const room of ["core", "contracts"]) await cp(join(root, room), join(copy, room), { recursive: true });
  before = await readCodeVersions(copy);
});
afterAll(() => rm(copy, { recursive: true }));

/** Steps whose digest changes with `change` in a file of the copy. Restores the file. */
async function changedBy(file: string, change: (source: string) => string): Promise<string[]> {
  const path = join(copy, file);
  const source = await readFile(path, "utf8");
  const changed = change(source);
  expect(changed).not.toBe(source);
  await writeFile(path, changed);
  try {
    const after = await readCodeVersions(copy);
    return Object.keys(before).filter((step) => after[step] !== before[step]);
  } finally {
    await writeFile(path, source);
  }
}

const replaced = (from: string | RegExp, to: string) => (source: string) => source.replaceAll(from, to);

describe("a step's recipe", () => {
  it("is a separate digest for each step, independent of the location of the sources", async () => {
    expect(Object.keys(before).sort()).toEqual([...steps, "scores"].sort());
    for (const digest of Object.values(before)) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(before)).size).toBe(steps.length + 1);
    expect(await readCodeVersions(root)).toEqual(before);
  });

  it("ignores comments and formatting in every file", async () => {
    const comment = (source: string) => `// another word\n${source}\n\n/** And one more. */\n`;
    expect(await changedBy("core/training/loop/losses.ts", comment)).toEqual([]);
    expect(await changedBy("core/docs/passages.ts", replaced(/^ {2}/gm, "\t"))).toEqual([]);
  });

  it("ignores names of local variables, parameters and types", async () => {
    expect(await changedBy("core/base/statistics.ts", replaced(/\bcentre\b/g, "middle"))).toEqual([]);
    expect(
      await changedBy("core/training/mining/group.ts", (source) => `${source}\nexport type Another = number;\n`),
    ).toEqual([]);
  });

  it("ignores files that the step does not load", async () => {
    const reworded = replaced('"CPU"', '"the processor"');
    expect(await changedBy("core/upkeep/doctor.ts", reworded)).toEqual([]);
    const another = replaced("1e-3", "2e-3");
    const fixture = (source: string) => another(`${source}\nexport const more = 1e-3;\n`);
    expect(await changedBy("core/training/testing/colourFixture.ts", fixture)).toEqual([]);
  });

  it("changes with a constant, for exactly the steps that import it", async () => {
    expect(await changedBy("core/training/loop/settings.ts", replaced("residual: 0.8", "residual: 0.7"))).toEqual([
      "train",
    ]);
    const near = replaced("NEAR = 0.4", "NEAR = 0.5");
    expect(await changedBy("core/training/mining/nearDuplicates.ts", near)).toEqual(["train-data"]);
    const mined = replaced("FUSION_DEPTH = 200", "FUSION_DEPTH = 300");
    expect(await changedBy("core/retrieval/retriever.ts", mined)).toEqual([
      ...["calibration", "graded", "mined", "train-data", "pair-scores", "evaluate"],
    ]);
    const matched = replaced("TEMPERATURE = 0.05", "TEMPERATURE = 0.1");
    expect(await changedBy("core/models/matching.ts", matched)).toEqual(["train", "untrained"]);
    expect(await changedBy("core/judging/bootstrap.ts", replaced("level = 0.95", "level = 0.9"))).toEqual(["evaluate"]);
    expect(await changedBy("core/models/crossEncoder.ts", replaced("rows: 32", "rows: 16"))).toContain("scores");
  });

  it("changes with code that is loaded late, and names a file that is missing", async () => {
    expect(await changedBy("core/retrieval/engines/faissFile.ts", replaced(/\b4\b/g, "8"))).toContain("build-index");
    const path = join(copy, "core/retrieval/fusion.ts");
    const source = await readFile(path, "utf8");
    await rm(path);
    await expect(readCodeVersions(copy)).rejects.toMatchObject({ code: "BadInput", message: /fusion\.ts/ });
    await writeFile(path, source);
  });
});
