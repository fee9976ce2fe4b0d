import { describe, expect, it } from "vitest";
import { processorMs } from "../../../tests/processorTime.ts";
import { textUnits } from "./textUnits.ts";

const texts = (passage: string) => textUnits(passage).map((unit) => unit.text);

describe("textUnits", () => {
  it("quotes every unit verbatim", () => {
    const passage =
      "One sentence here.  Another\nover two lines.\n\n- item `a`\n- item b. With more.\n\n```\nkubectl get pods\n  -o wide\n```\nEnd";
    for (const unit of textUnits(passage)) expect(passage.slice(unit.start, unit.end)).toBe(unit.text);
    expect(texts(passage)).toEqual([
      "One sentence here.",
      "Another\nover two lines.",
      "item `a`",
      "item b.",
      "With more.",
      "kubectl get pods\n  -o wide",
      "End",
    ]);
  });

  it("does not end a sentence at an abbreviation, a version or a file name", () => {
    expect(texts("Use a tool, e.g. Kind, from v1.29 on. Then edit config.yaml now. Done.")).toEqual([
      "Use a tool, e.g. Kind, from v1.29 on.",
      "Then edit config.yaml now.",
      "Done.",
    ]);
  });

  it("separates code from the sentence that introduces it", () => {
    expect(textUnits("Run this:\n```shell\nls\n```").map((unit) => unit.kind)).toEqual(["sentence", "code"]);
  });

  it("returns the lines of an unclosed code block as code", () => {
    expect(textUnits("```\nls -l\ncat x").map((unit) => [unit.kind, unit.text])).toEqual([["code", "ls -l\ncat x"]]);
  });

  it("ends code at its own fence, not at a fence inside it", () => {
    expect(textUnits("````\n```\nInner code. More.\n```\n````\nProse.").map(({ kind, text }) => [kind, text])).toEqual([
      ["code", "```\nInner code. More.\n```"],
      ["sentence", "Prose."],
    ]);
    expect(texts("```\n~~~\nls\n```js\n```\nProse.")).toEqual(["~~~\nls\n```js", "Prose."]);
  });

  it("separates table rows from the sentence before them and from each other", () => {
    expect(texts("These flags are there\n`--foo` | does foo\n`--bar` | does bar\nand no more")).toEqual([
      "These flags are there",
      "`--foo` | does foo",
      "`--bar` | does bar",
      "and no more",
    ]);
  });

  it("ends no sentence inside a code span", () => {
    expect(texts('Run `git commit -m "Fix it. Now"` first. Then push.')).toEqual([
      'Run `git commit -m "Fix it. Now"` first.',
      "Then push.",
    ]);
  });

  it("takes linear time on a long line without any end", () => {
    expect(processorMs(() => textUnits("word. ".repeat(20_000)))).toBeLessThan(2000);
  });
});
