import { describe, expect, it } from "vitest";
import { Anchors, withAnchorText } from "./anchors.ts";
import { publishingOf } from "./formats/index.ts";

const STYLES = {
  goldmark: publishingOf({ pages: [], generator: null }).anchors,
  "python-markdown": publishingOf({ pages: [], generator: "mkdocs" }).anchors,
};

const anchorsOf = (style: keyof typeof STYLES, ...headings: string[]) => {
  const anchors = new Anchors(STYLES[style]);
  return headings.map((heading) => anchors.take(heading).anchor);
};

describe("anchors", () => {
  it("of goldmark keep a dash for each space and number repeats with dashes", () => {
    const headings = ["Pods & Nodes", "A b", "A b", "A b-1", "Äh", "日本", "?"];
    expect(anchorsOf("goldmark", ...headings)).toEqual([
      "pods--nodes",
      "a-b",
      "a-b-1",
      "a-b-1-1",
      "äh",
      "日本",
      "heading",
    ]);
  });

  it("of Python-Markdown join dashes, keep only ASCII, and number repeats with underscores", () => {
    const headings = ["Pods & Nodes", "A b", "A b", "A b", "A b_1", "Äh - x", "日本", "?", "T {#own}"];
    expect(anchorsOf("python-markdown", ...headings)).toEqual([
      "pods-nodes",
      "a-b",
      "a-b_1",
      "a-b_2",
      "a-b_3",
      "ah-x",
      "_1",
      "_2",
      "own",
    ]);
  });

  it.each(["goldmark", "python-markdown"] as const)(
    "of headings with a badge are made of their own words (%s)",
    (style) => {
      const badged = ["a", "b {x}"].map((badge) => withAnchorText(`Use & {go} ${badge}`, "Use & {go}"));
      const anchors = new Anchors(STYLES[style]);
      const taken = [...badged, "Use & go"].map((heading) => anchors.take(heading));
      const [space, number] = style === "goldmark" ? ["--", "-"] : ["-", "_"];
      const first = `use${space}go`;
      expect(taken.map(({ anchor }) => anchor)).toEqual([first, `${first}${number}1`, `${first}${number}2`]);
      expect(taken.map(({ text }) => text)).toEqual(["Use & {go} a", "Use & {go} b {x}", "Use & go"]);
    },
  );
});
