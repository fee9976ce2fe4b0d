import { describe, expect, it } from "vitest";
import { processorMs } from "../../tests/processorTime.ts";
import { plainMarkdown } from "./dialects.ts";

const plain = (...lines: string[]) => plainMarkdown(lines.join("\n")).split("\n");

describe("plainMarkdown", () => {
  it("reads MkDocs admonitions and tabs, however deep, and moves what they hold to the left", () => {
    expect(
      plain(
        '!!! warning "Mind the gap"',
        "    Text.",
        "",
        '    === "Linux"',
        "",
        "        ```sh",
        "        ls -l",
        "          x",
        "        ```",
        "After.",
      ),
    ).toEqual(["**Mind the gap:**", "Text.", "", "**Linux:**", "", "```sh", "ls -l", "  x", "```", "After."]);
    expect(plain("??? note", "    Hidden until opened.")).toEqual(["**Note:**", "Hidden until opened."]);
    expect(plain('!!! note ""', "    No title.")).toEqual(["**Note:**", "No title."]);
  });

  it.each([
    [
      [":::tip", "Text", ":::"],
      ["**Tip:**", "Text", ""],
    ],
    [
      [":::note[A title]", ":::"],
      ["**A title:**", ""],
    ],
    [
      ["::: details Click me {open}", ":::"],
      ["**Click me:**", ""],
    ],
    [
      ["::: code-group", ":::"],
      ["", ""],
    ],
    [
      ["/// tip | Use `x`", "Text", "///"],
      ["**Use `x`:**", "Text", ""],
    ],
    [
      ["> [!NOTE]", "> Text"],
      ["> **Note:**", "> Text"],
    ],
    [
      ["::: pkg.Class", "    options:", "      members: []", "", "Text"],
      ["(reference: pkg.Class)", "", "", "", "Text"],
    ],
    [
      ["{* ../src/a.py hl[1] *}", '--8<-- "b.md"', "<<< @/c.ts{2}"],
      ["(code sample: ../src/a.py)", "(code sample: b.md)", "(code sample: /c.ts)"],
    ],
    [
      ["## Title { #own .big }", '## Other {: id="x" }', "## New {/* #y */}"],
      ["## Title {#own}", "## Other {#x}", "## New {#y}"],
    ],
    [
      ["[Go](x.md){ .button target=_blank } :material-check: done", "Press ++ctrl+alt+del++"],
      ["[Go](x.md)  done", "Press ctrl+alt+del"],
    ],
    [
      ["import X from '@site/x';", "[TOC]", "{% raw %}", '{% hint style="info" %}'],
      ["", "", "", "**Info:**"],
    ],
    [
      ['<TabItem value="a" label="macOS">', "brew", "</TabItem>", "<Banner/>"],
      ["**macOS:**", "brew", "", ""],
    ],
  ])("reads %j", (lines, expected) => {
    expect(plain(...lines)).toEqual(expected);
  });

  it.each([
    "kill <PID> and use {{ .Chart.Name }} of {name}, i++ or a::b",
    "A placeholder <Name> that nothing closes",
    "Inline `{ .cls }` and `:material-check:` and `<Tabs/>`",
    "    indented code {* x *}",
    "/// a comment where nothing is closed",
    "Title",
    "===",
    "=== RUN TestOne",
  ])("leaves %s alone", (line) => {
    expect(plain(line)).toEqual([line]);
  });

  it("leaves code alone, in admonitions too, and a fence in a fence", () => {
    const code = ["````md", "!!! note", "    x", "```", ":::tip", "````", ":::tip"];
    expect(plain(...code)).toEqual([...code.slice(0, 6), "**Tip:**"]);
  });

  it("takes linear time on hostile lines", () => {
    for (const piece of ["{ .a ", "<A b ", "++a+", "{% a ", ":::", "!!! a ", "`"])
      expect(processorMs(() => plainMarkdown(piece.repeat(20_000)))).toBeLessThan(1000);
  });
});
