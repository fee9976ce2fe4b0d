import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command, Option } from "commander";
import { expect, test } from "vitest";
import { projectRoot } from "../config/read.ts";
import { createProgram } from "./main.ts";
import { versionText } from "./version.ts";

test("--version prints version and commit, and nothing else", () => {
  const out = execFileSync(process.execPath, [join(projectRoot, "cli", "winnow.mjs"), "--version"], {
    encoding: "utf8",
  });
  expect(out).toBe(`winnow ${versionText()}\n`);
});

test("a copy without its history has a version without commit", () => {
  const copy = mkdtempSync(join(tmpdir(), "winnow-version-"));
  writeFileSync(join(copy, "package.json"), '{"version": "1.2.3"}');
  expect(versionText(copy)).toBe("1.2.3");
});

test("help lists every command under a group, and required options first, then by name", () => {
  const program = createProgram();
  expect(program.commands.filter((command) => !command.helpGroup())).toEqual([]);
  const run = program.commands.find((command) => command.name() === "run")!;
  const [first, ...rest] = run.options.map(({ long }) => long!);
  expect(first).toBe("--docs");
  expect(rest).toEqual([...rest].sort());
  expect(run.helpInformation()).toMatch(/--docs <path>.*\n?.*\(required\)/);
});

function options(command: Command): [string, Option][] {
  const own = command.options.map((option): [string, Option] => [`${command.name()} ${option.long}`, option]);
  return [...own, ...command.commands.flatMap(options)];
}

test("a corpus and a release are checked by name at every command that takes one", () => {
  const named = options(createProgram()).filter(([, { long }]) => long === "--corpus" || long === "--release");
  expect(named.length).toBeGreaterThan(15);
  for (const [at, option] of named)
    for (const bad of ["../champions/sample", "", "a\nb", "x".repeat(300)])
      expect(() => option.parseArg?.(bad, undefined), `${at} ${JSON.stringify(bad)}`).toThrow("expected");
});
