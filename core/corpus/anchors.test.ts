import { describe, expect, it } from "vitest";
import { type AnchorStyle, Anchors } from "./anchors.ts";

const anchorsOf = (style: AnchorStyle, ...headings: string[]) => {
  const anchors = new Anchors(style);
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

  it("of Python-Markdown join dashes, keep ASCII alone, and number repeats with underscores", () => {
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
});
