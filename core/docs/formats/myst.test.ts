import { describe, expect, it, test } from "vitest";
import { plainMarkdown } from "./testing/plainMarkdown.ts";

const plain = (...lines: string[]) => plainMarkdown(lines.join("\n")).split("\n");

test("breaks between a notebook's cells are not shown; in code they stay", () => {
  expect(plain("a", "", '+++ {"id": "L1KN"}', "", "+++", "", "```", "+++", "```")).toEqual([
    "a",
    "",
    "",
    "",
    "",
    "",
    "```",
    "+++",
    "```",
  ]);
  expect(plain("+++ is an operator")).toEqual(["+++ is an operator"]);
});

describe("directives of MyST", () => {
  it.each([
    [
      ["```{note}", ":class: wide", "Mind *this*", "```", "After"],
      ["**Note:**", "", "Mind *this*", "", "After"],
    ],
    [
      ["````{warning} Not", "```sh", "ls", "```", "````"],
      ["**Warning:** Not", "```sh", "ls", "```", ""],
    ],
    [
      ["::::{tab-set}", ":::{tab-item} macOS", "brew", ":::", "::::"],
      ["", "**macOS:**", "brew", "", ""],
    ],
    [
      [":::{seealso} [x](y)", ":::", ":::{admonition} A title:", ":::"],
      ["**See also:** [x](y)", "", "**A title:**", ""],
    ],
    [
      ["```{versionadded} 2.1", "Text", "```", "```{deprecated} 3.0 Use x", "```", ":::{versionchanged} 2", ":::"],
      [
        "**New in version 2.1:**",
        "Text",
        "",
        "**Deprecated since version 3.0:** Use x",
        "",
        "**Changed in version 2:**",
        "",
      ],
    ],
    [
      ["```{code-block} python", ":caption: app.py", ":linenos:", "", "print(1)", "```", "After"],
      ["", "", "", "``````python app.py", "print(1)", "``````", "After"],
    ],
    [
      ["  :::{code-block} md", "  ```sh", "  ```", "  :::"],
      ["  ``````md", "  ```sh", "  ```", "  ``````"],
    ],
    [
      ["```{toctree}", ":hidden:", "", "intro", "```", "```{toctree}", "Start <a>", "```"],
      ["", "", "", "", "", "", "Start <a>", ""],
    ],
    [
      ["```{figure} a.png", ":alt: Two boxes", "", "The flow", "```", "```{include} b.md", "```"],
      ["", "Two boxes", "", "The flow", "", "(include: b.md)", ""],
    ],
    [
      ["```{figure} a.png", "---", "height: 9px", "alt: |", "  Two", "  boxes", "---", "The flow", "```"],
      ["", "", "", "", "Two", "boxes", "", "The flow", ""],
    ],
    [
      ["```{note}", "---", "class: wide", "---", "Mind", "```", ":::{note}", "---", "Text", ":::"],
      ["**Note:**", "", "", "", "Mind", "", "**Note:**", "***", "Text", ""],
    ],
    [
      ["```{code-block} py", "---", 'caption: "a b.py"', "---", "x: 1", "```"],
      ["", "", "", "``````py a b.py", "x: 1", "``````"],
    ],
    [
      [":::{grid} 1 2", ":::", ":::{own-box} Of *mine*", "Text", ":::"],
      ["", "", "**Of mine:**", "Text", ""],
    ],
  ])("%j become the text readers see, on the same lines", (lines, expected) => {
    expect(plain(...lines)).toEqual(expected);
  });

  it("are distinct from the languages of R Markdown, and not read in code", () => {
    const code = ["```{python}", "x", "```", "````md", "```{note}", "```", "````"];
    expect(plain(...code)).toEqual(["```python", ...code.slice(1)]);
  });
});
