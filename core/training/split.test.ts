import { describe, expect, it } from "vitest";
import { splitPages } from "./split.ts";

const pages = (count: number) => Array.from({ length: count }, (_, n) => `concepts/page-${n}.md`);
const of = (splits: Map<string, string>, split: string) =>
  [...splits].filter(([, s]) => s === split).map(([page]) => page);

describe("splitPages", () => {
  it("puts every page in exactly one split, about 4 % and 8 % aside", () => {
    const splits = splitPages([...pages(3000), ...pages(10)]);
    expect(splits.size).toBe(3000);
    expect(of(splits, "heldout").length / 3000).toBeCloseTo(0.08, 1);
    expect(of(splits, "validation").length / 3000).toBeCloseTo(0.04, 1);
  });

  it("keeps the split of a page when other pages come and go", () => {
    const [before, after] = [splitPages(pages(3000)), splitPages(pages(2900).slice(50))];
    for (const [page, split] of after) expect(before.get(page)).toBe(split);
  });

  it("gives a small corpus held-out and validation pages", () => {
    const splits = splitPages(pages(60));
    expect(of(splits, "heldout").length).toBeGreaterThanOrEqual(12);
    expect(of(splits, "validation").length).toBeGreaterThanOrEqual(3);
    expect(of(splits, "train").length).toBeGreaterThan(40);
  });

  it("is empty for no pages", () => {
    expect(splitPages([]).size).toBe(0);
  });
});
