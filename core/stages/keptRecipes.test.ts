import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { keptRecipesOf } from "./keptRecipes.ts";
import { recipesOf } from "./recipe.ts";

const entries = { one: [{ file: "core/one.ts", names: ["one"] }] };
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "winnow-kept-recipes-"));
  for (const room of ["contracts", "core"]) mkdirSync(join(root, room));
  writeFileSync(join(root, "core", "one.ts"), 'import { two } from "./two.ts";\nexport const one = two + 1;\n');
  write("export const two = 2;\n");
  onTestFinished(() => rmSync(root, { recursive: true }));
});
const write = (two: string) => writeFileSync(join(root, "core", "two.ts"), two);
const kept = () => join(root, "node_modules", ".cache", "winnow", "recipes");

it("are those of the code, and made once for the same code", async () => {
  const made = await recipesOf(root, entries);
  expect(await keptRecipesOf(root, entries)).toEqual(made);
  const { ino } = statSync(kept());
  expect(await keptRecipesOf(root, entries)).toEqual(made);
  expect(statSync(kept()).ino).toBe(ino);
});

it("are made anew for changed code, whether of a file it imports or of the entries", async () => {
  const first = await keptRecipesOf(root, entries);
  write("export const two = 3;\n");
  const second = await keptRecipesOf(root, entries);
  expect(second).not.toEqual(first);
  expect(second).toEqual(await recipesOf(root, entries));
  const other = { ...entries, two: [{ file: "core/two.ts", names: ["two"] }] };
  expect(Object.keys(await keptRecipesOf(root, other))).toEqual(["one", "two"]);
  write("export const two = 2;\n");
  expect(await keptRecipesOf(root, entries)).toEqual(first);
});

it("are made anew if the kept ones are damaged, and where none can be kept", async () => {
  const good = await keptRecipesOf(root, entries);
  const text = readFileSync(kept(), "utf8");
  for (const damaged of [text.slice(0, -9), text.replace(/"one":"./, '"one":"x'), ""]) {
    writeFileSync(kept(), damaged);
    expect(await keptRecipesOf(root, entries)).toEqual(good);
    expect(readFileSync(kept(), "utf8")).toBe(text);
  }
  rmSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(join(root, "node_modules"), "a file");
  expect(await keptRecipesOf(root, entries)).toEqual(good);
});
