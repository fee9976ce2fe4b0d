import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StoredPassage, windowCount, windowInput, windowsOf } from "./windows.ts";

const words = (text: string) => text.split(/\s+/).filter(Boolean).length;

describe("windowsOf", () => {
  it("fills windows with whole lines, and cuts overlong lines at sentences", () => {
    const text = "one two three\nfour five\nsix seven. eight nine ten. eleven twelve.";
    const shown = windowsOf(text, 5, words).map((span) => text.slice(...span));
    expect(shown).toEqual(["one two three\nfour five", "six seven. eight nine ten.", "eleven twelve."]);
  });

  it("leaves out only white space and never overlaps, whatever the text", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab.\n 7`]{0,80}$/), fc.integer({ min: 1, max: 9 }), (text, budget) => {
        const windows = windowsOf(text, budget, words);
        let at = 0;
        for (const [start, end] of windows) {
          expect(text.slice(at, start).trim()).toBe("");
          at = end;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
    );
  });

  it("exceeds the budget only if a single sentence does", () => {
    const text = "a b c d e f g h.\ni j.";
    expect(windowsOf(text, 3, words).map((span) => text.slice(...span))).toEqual(["a b c d e f g h.", "i j."]);
  });
});

describe("a passage's windows", () => {
  const passage: StoredPassage = {
    id: "p",
    page: "p.md",
    heading: ["Page", "Section"],
    url: "/p/",
    lines: [1, 2],
    text: "first line\nsecond line",
  };

  it("is the passage itself if there is only one", () => {
    expect(windowCount(passage)).toBe(1);
    expect(windowInput(passage, 0)).toBe("Page > Section\nfirst line\nsecond line");
  });

  it("are each read with the heading trail", () => {
    const cut: StoredPassage = { ...passage, windows: windowsOf(passage.text, 2, words) };
    expect(windowCount(cut)).toBe(2);
    expect(windowInput(cut, 1)).toBe("Page > Section\nsecond line");
  });
});
