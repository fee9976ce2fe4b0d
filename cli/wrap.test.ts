import fc from "fast-check";
import { expect, test } from "vitest";
import { bold, HANG, unmarked, verbatim } from "./style.ts";
import { cut, widthOf, wrap } from "./wrap.ts";

const WIDTHS = [60, 80, 120, 200];
const word = fc.stringMatching(/^[a-zé0-9.,/:_-]{1,24}$/);
const line = fc.tuple(
  fc.constantFrom("", "  ", "  - ", "[12] ", "1. "),
  fc.array(word, { minLength: 1, maxLength: 60 }),
);
const text = fc
  .array(line, { minLength: 1, maxLength: 5 })
  .map((lines) => lines.map(([lead, words]) => lead + words.join(" ")).join("\n"));

test.each(WIDTHS)("at %d columns no line is longer, and no word is split, lost or moved", (columns) => {
  fc.assert(
    fc.property(text, (given) => {
      const folded = wrap(given, columns);
      for (const each of folded.split("\n")) expect(widthOf(each)).toBeLessThanOrEqual(columns);
      expect(folded.split(/\s+/)).toEqual(given.split(/\s+/));
    }),
  );
});

test("continuation lines begin below the text of a list item, or below the mark", () => {
  expect(wrap("  - alpha beta gamma", 14)).toBe("  - alpha beta\n    gamma");
  expect(wrap(`Docs  ${HANG}alpha beta`, 13).split("\n").map(unmarked)).toEqual(["Docs  alpha", "      beta"]);
});

test("a word longer than the line stays whole, and so does a command", () => {
  expect(wrap("see https://example.com/a/long/address now", 20)).toBe("see\nhttps://example.com/a/long/address\nnow");
  const command = verbatim("    kubectl create job db-migrate --image=registry.example.com/checkout");
  expect(wrap(command, 30)).toBe(command);
});

test("styles take no columns, wide characters take two", () => {
  expect(widthOf(bold("ab"))).toBe(2);
  expect(widthOf("日本 é")).toBe(6);
  expect(wrap(`${bold("one")} two`, 7)).toBe(`${bold("one")} two`);
});

test("a text that is cut ends between words with an ellipsis", () => {
  expect(cut("validating on 12 questions", 16)).toBe("validating on …");
  expect(cut("short", 16)).toBe("short");
});
