import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCodeVersions, STAGE_KEYS, STEP_NAMES, stageOf } from "./index.ts";
import { works } from "./works.ts";

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

type Change = (source: string) => string;

/** Steps whose digest changes with these changes of files of the copy. Restores the files. */
async function changedByAll(changes: Record<string, Change>): Promise<string[]> {
  const sources = new Map<string, string>();
  try {
    for (const [file, change] of Object.entries(changes)) {
      const path = join(copy, file);
      const source = await readFile(path, "utf8");
      const changed = change(source);
      expect(changed).not.toBe(source);
      sources.set(path, source);
      await writeFile(path, changed);
    }
    const after = await readCodeVersions(copy);
    return Object.keys(before).filter((step) => after[step] !== before[step]);
  } finally {
    for (const [path, source] of sources) await writeFile(path, source);
  }
}

const changedBy = (file: string, change: Change) => changedByAll({ [file]: change });

const replaced = (from: string | RegExp, to: string) => (source: string) => source.replaceAll(from, to);

it("a stage's work is the compute task with the stage's key", () => {
  const keyed = STAGE_KEYS.flatMap((key) => (stageOf(key).work ? [[key, stageOf(key).work]] : []));
  expect(Object.fromEntries(keyed)).toEqual(works);
});

describe("a step's recipe", () => {
  it("is a separate digest for each step, independent of the location of the sources", async () => {
    expect(Object.keys(before).sort()).toEqual([...steps, "scores"].sort());
    for (const digest of Object.values(before)) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(before)).size).toBe(steps.length + 1);
    expect(await readCodeVersions(root)).toEqual(before);
  });

  it("ignores comments and formatting in every file", async () => {
    const comment = (source: string) => `// another word\n${source}\n\n/** And one more. */\n`;
    const formatted = replaced(/^ {2}/gm, "\t");
    const changes = { "core/training/loop/losses.ts": comment, "core/docs/passages.ts": formatted };
    expect(await changedByAll(changes)).toEqual([]);
  });

  it("ignores names of local variables, parameters and types", async () => {
    const changes = {
      "core/base/statistics.ts": replaced(/\bcentre\b/g, "middle"),
      "core/training/mining/group.ts": (source: string) => `${source}\nexport type Another = number;\n`,
    };
    expect(await changedByAll(changes)).toEqual([]);
  });

  it("ignores files that the step does not load", async () => {
    const reworded = replaced('"CPU"', '"the processor"');
    const another = replaced("1e-3", "2e-3");
    const fixture = (source: string) => another(`${source}\nexport const more = 1e-3;\n`);
    const changes = { "core/upkeep/doctor.ts": reworded, "core/training/testing/colourFixture.ts": fixture };
    expect(await changedByAll(changes)).toEqual([]);
  });

  it.each<[string, string, string, string[]]>([
    ["core/training/loop/settings.ts", "residual: 0.8", "residual: 0.7", ["train"]],
    ["core/training/mining/nearDuplicates.ts", "NEAR = 0.4", "NEAR = 0.5", ["train-data"]],
    [
      ...(["core/retrieval/retriever.ts", "FUSION_DEPTH = 200", "FUSION_DEPTH = 300"] as const),
      ["calibration", "graded", "heldout", "mined", "train-data", "pair-scores", "evaluate"],
    ],
    ["core/models/matching.ts", "TEMPERATURE = 0.05", "TEMPERATURE = 0.1", ["train", "untrained"]],
    ["core/judging/bootstrap.ts", "level = 0.95", "level = 0.9", ["evaluate"]],
  ])("changes with a constant of %s, for exactly the steps that import it", async (file, from, to, changed) => {
    expect(await changedBy(file, replaced(from, to))).toEqual(changed);
  });

  it("of the scores changes with a constant of the cross-encoder", async () => {
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
