import fc from "fast-check";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { describe, expect, it } from "vitest";
import { processorMs } from "../../tests/processorTime.ts";
import { parseMarkdown } from "./markdown.ts";
import { unitsOf } from "./units.ts";

const github = unified().use(remarkParse).use(remarkGfm);
const read = (children: ReturnType<typeof github.parse>["children"]) =>
  children.flatMap((node) => unitsOf(node, new Map())).map(({ kind, text, lines }) => ({ kind, text, lines }));

describe("Markdown", () => {
  it("reads the same with and without GitHub's extensions", () => {
    const piece = fc.constantFrom(
      "|",
      "-",
      ":",
      "a",
      "\n",
      " ",
      "~",
      "[^1]",
      "- [ ] b",
      "- [x] b",
      ">",
      "1.",
      "---",
      "\n\n",
      "`",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const text = pieces.join("");
        expect(read(parseMarkdown(text).children)).toEqual(read(github.parse(text).children));
      }),
      { numRuns: 500 },
    );
  });

  it("reads a line of many marks in bounded time", () => {
    const line = `${"a|".repeat(50_000)}\n${"-:".repeat(50_000)}b\n`;
    expect(processorMs(() => parseMarkdown(line))).toBeLessThan(5000);
  });
});
