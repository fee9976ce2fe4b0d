import { describe, expect, it } from "vitest";
import { IndentedCode, insideOf } from "./containers.ts";

describe("indented code", () => {
  const codeIn = (...lines: string[]) => {
    const code = new IndentedCode();
    return lines.filter((line) => code.holds(line)).map((line) => line.trim());
  };

  it("starts four columns to the right after a blank line, and continues across blank lines", () => {
    expect(codeIn("    a", "", "\tb", "text", "    no", "", "   no", "", "    c", "    d")).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("starts four columns right of the text of its list item", () => {
    expect(codeIn("- x", "", "    no", "", "      a", "", "  - y", "", "       no", "", "        b")).toEqual([
      "a",
      "b",
    ]);
    expect(codeIn("1. x", "   - y", "2. z", "", "       a", "", "text", "", "    b")).toEqual(["a", "b"]);
    expect(codeIn("[^1]: x", "", "    no", "", "- x", "# H", "", "    a", "", "---", "", "    b")).toEqual(["a", "b"]);
  });
});

describe("a quote or list item", () => {
  it.each([
    ["> ", ["> a", ">b", "", "c"], [" a", "b", null, null]],
    ["- ", ["  a", "", " b"], ["  a", "", null]],
    ["> 1. ", [">    a", "> b"], ["    a", null]],
    ["- > ", ["  > a", "  b"], [" a", null]],
    ["  ", ["a"], ["a"]],
  ])("that opens with %j holds of %j %j", (marks, lines, expected) => {
    expect(lines.map(insideOf(marks))).toEqual(expected);
  });
});
