import { expect, test } from "vitest";
import { readPassages } from "./rerank.ts";

test("a line is a passage, as text or as a JSON string; empty lines are skipped", () => {
  expect(readPassages('plain "text"\n\n"two\\nlines"\r\n  \nlast', "p.txt")).toEqual([
    'plain "text"',
    "two\nlines",
    "last",
  ]);
});

test("a malformed JSON string is reported with its line, and so is a file without passages", () => {
  expect(() => readPassages('good\n"bad', "p.txt")).toThrow(/^p\.txt:2: /);
  expect(() => readPassages("\n \n", "p.txt")).toThrow(/p\.txt holds no passages/);
});
