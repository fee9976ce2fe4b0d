import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeEach, expect, it } from "vitest";
import { canKeep, loadHook } from "./compiled.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../../../node_modules/", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "winnow-sources-"));
const folder = join(root, "kept");
const module = join(root, "a.ts");
const next = () => "left to Node";

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  canKeep(folder);
  writeFileSync(module, "export const answer: number = 1;\n");
});
afterAll(() => rmSync(root, { recursive: true }));

const load = (file = module) => loadHook(folder, root)(pathToFileURL(file).href, {}, next).source as string;
const kept = () => join(folder, "a.ts.js");

it("compiles a module once, and reads it from then on", () => {
  expect(load()).toContain("const answer = 1;");
  const { ino } = statSync(kept());
  expect(load()).toContain("const answer = 1;");
  expect(statSync(kept()).ino).toBe(ino);
});

it("compiles a changed source anew, in place of the old one", () => {
  load();
  writeFileSync(module, "export const answer: number = 2;\n");
  expect(load()).toContain("answer = 2;");
  expect(readdirSync(folder)).toEqual(["a.ts.js"]);
});

it.each([
  ["cut", (text: string) => text.slice(0, 20)],
  ["altered", (text: string) => text.replace("answer = 1", "answer = 7")],
  ["empty", () => ""],
])("compiles anew what is %s, and mends it", (_how, damage) => {
  const good = load();
  const file = readFileSync(kept(), "utf8");
  writeFileSync(kept(), damage(file));
  expect(load()).toBe(good);
  expect(readFileSync(kept(), "utf8")).toBe(file);
});

it("compiles JSX for preact, and leaves other modules and those of packages to Node", () => {
  const view = join(root, "view.tsx");
  writeFileSync(view, "export const view = <b>bold</b>;\n");
  expect(load(view)).toContain('from "preact/jsx-runtime"');
  for (const url of ["node:fs", "file:///a/b.json", "file:///a/node_modules/b/c.ts"])
    expect(loadHook(folder, root)(url, {}, next)).toBe("left to Node");
});

it("keeps no module from outside the root, and compiles where nothing can be kept", () => {
  const outside = mkdtempSync(join(tmpdir(), "winnow-sources-"));
  writeFileSync(join(outside, "b.ts"), "export const b = 1 as number;");
  expect(load(join(outside, "b.ts"))).toContain("b = 1;");
  expect(readdirSync(folder)).toEqual([]);
  rmSync(outside, { recursive: true });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "a file");
  expect(canKeep(folder)).toBe(false);
  expect(load()).toContain("answer = 1;");
});

it("names the file and line that does not parse", () => {
  writeFileSync(module, "export const a = 1;\nexport const = 2;\n");
  expect(() => load()).toThrow(/a\.ts:2:13: ERROR: Expected identifier/);
  expect(readdirSync(folder)).toEqual([]);
});

/** A clone that holds one module, whose processes share its packages. */
function tinyClone(main: string): { register: string; main: string; cache: string } {
  const clone = mkdtempSync(join(root, "clone-"));
  cpSync(HERE, join(clone, "core", "base", "sources"), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  mkdirSync(join(clone, "node_modules"));
  for (const name of ["esbuild", "tsx", "@esbuild"])
    symlinkSync(join(PACKAGES, name), join(clone, "node_modules", name));
  writeFileSync(join(clone, "package.json"), '{ "type": "module" }');
  writeFileSync(join(clone, "main.ts"), main);
  const register = pathToFileURL(join(clone, "core", "base", "sources", "register.mjs")).href;
  return { register, main: join(clone, "main.ts"), cache: join(clone, "node_modules", ".cache") };
}

it("runs in several processes at once that begin with nothing, with the lines of the sources in stacks", async () => {
  const { register, main, cache } = tinyClone("type A = string;\n\nconsole.log(new Error('x' as A).stack);\n");
  const run = () => promisify(execFile)(process.execPath, ["--import", register, main]);
  for (const { stdout } of await Promise.all([run(), run(), run()])) expect(stdout).toContain("main.ts:3:13");
  expect(readdirSync(join(cache, "winnow"))).toEqual(["main.ts.js"]);
});

it("runs by tsx where nothing can be kept beside the packages", () => {
  const { register, main, cache } = tinyClone("console.log('ran' as string, process.execArgv.length);\n");
  writeFileSync(cache, "a file");
  expect(execFileSync(process.execPath, ["--import", register, main], { encoding: "utf8" })).toBe("ran 2\n");
});
