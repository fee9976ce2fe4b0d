import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript, SHELLS } from "./completion.ts";
import { createProgram } from "./main.ts";

/** What bash offers for a line whose last word is being typed. */
function offered(line: string): string[] {
  const words = line.split(" ");
  const script = [
    completionScript(createProgram(), "bash"),
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${words.length - 1}`,
    "_winnow",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a line of bash
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join("\n");
  const out = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", cwd: import.meta.dirname });
  return out.split("\n").filter(Boolean);
}

test("bash completes commands, sub-commands, options, and the values of options", () => {
  expect(offered("winnow re").sort()).toEqual(["releases", "rerank"]);
  expect(offered("winnow releases sh")).toEqual(["show"]);
  expect(offered("winnow releases show --v")).toEqual(["--verbose"]);
  expect(offered("winnow run --docs . --gate m")).toEqual(["manual"]);
  expect(offered("winnow run --docs ./winnow")).toEqual(["./winnow.mjs"]);
  expect(offered("winnow run --budget ")).toEqual([]);
});

test.each(SHELLS)("the script for %s holds every command and option", (shell) => {
  const script = completionScript(createProgram(), shell);
  for (const command of createProgram().commands)
    for (const { long } of command.options) {
      expect(script).toContain(command.name());
      expect(script).toContain(shell === "fish" ? `-l ${long!.slice(2)}` : long);
    }
});
