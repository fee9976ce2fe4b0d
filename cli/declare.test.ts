import { Command } from "commander";
import { expect, test } from "vitest";
import {
  choice,
  type Declarations,
  flag,
  optionsOf,
  parsed,
  required,
  several,
  text,
  texts,
  withDefault,
} from "./declare.ts";
import { positive, stage } from "./parse.ts";

const declared = {
  docs: required(text("<path>", "docs")),
  falseAnswers: parsed("<share>", "share", positive),
  k: withDefault(parsed("<n>", "passages", positive), 30),
  strict: flag("strict"),
  gate: choice("<mode>", "gate", ["auto", "manual"]),
  force: several("<stage...>", "stages", stage),
  uiOrigin: withDefault(texts("<url...>", "origins"), ["http://here"]),
};

/** Parses a command with these options; on failure returns commander's message. */
function given(words: string[], declarations: Declarations = declared): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of optionsOf(declarations)) command.addOption(option);
  return command.parse(words, { from: "user" }).opts();
}

test("an option's flag derives from its key, and its value has the declared type", () => {
  const words = "--docs a --false-answers 0.5 --strict --gate manual --force train evaluate --ui-origin b c";
  expect(given(words.split(" "))).toEqual({
    docs: "a",
    falseAnswers: 0.5,
    k: 30,
    strict: true,
    gate: "manual",
    force: ["train", "evaluate"],
    uiOrigin: ["b", "c"],
  });
  expect(given(["--docs", "a"])).toEqual({ docs: "a", k: 30, uiOrigin: ["http://here"] });
});

test.each([
  [[], /required option '--docs <path>'/],
  [["--docs", "a", "--k", "0"], /expected a number above 0/],
  [["--docs", "a", "--gate", "open"], /Allowed choices are auto, manual/],
  [["--docs", "a", "--force", "dream"], /expected one of ingest, .*/],
])("%j is refused with a clear message", (words, message) => {
  expect(() => given(words)).toThrow(message);
});

test("an empty text is refused: an unset variable of a shell is no choice", () => {
  for (const empty of ["", "  "])
    expect(() => given(["--docs", empty])).toThrow(/'--docs <path>' argument .* is invalid\. it is empty/);
});
