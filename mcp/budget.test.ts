import { describe, expect, it } from "vitest";
import { tokensOf, withinBudget } from "./budget.ts";

const passages = Array.from({ length: 20 }, (_, at) => `${at} ${"word ".repeat(60)}`);
const cut = (maxTokens: number) =>
  withinBudget(passages.length, maxTokens, (kept, note) => ({ passages: passages.slice(0, kept), note }));

describe("a token budget", () => {
  it("leaves all passages as they are if they fit, and says nothing", () => {
    expect(cut(10_000)).toEqual({ passages, note: null });
  });

  it.each([300, 777, 1500])("of %i keeps as many whole passages as fit, from the first", (maxTokens) => {
    const { passages: kept, note } = cut(maxTokens);
    expect(kept).toEqual(passages.slice(0, kept.length));
    expect(tokensOf({ passages: kept, note })).toBeLessThanOrEqual(maxTokens);
    const oneMore = passages.slice(0, kept.length + 1);
    expect(tokensOf({ passages: oneMore, note })).toBeGreaterThan(maxTokens);
    expect(note).toContain(`${20 - kept.length} of 20 passages are left out`);
  });

  it("too small for the first passage says how much that needs", () => {
    const { passages: kept, note } = cut(50);
    expect(kept).toEqual([]);
    const needed = Number(/about (\d+) tokens/.exec(note!)?.[1]);
    expect(cut(needed).passages).toHaveLength(1);
  });

  it("counts scripts without blanks by their bytes", () => {
    expect(tokensOf("文".repeat(300))).toBeGreaterThanOrEqual(300);
  });
});
