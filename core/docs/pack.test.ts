import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packUnits } from "./pack.ts";

/** Approximate wordpieces: letters in fours, and each mark separately. */
const pieces = (text: string) => (text.match(/[a-z]{1,4}|[0-9]{1,3}|[^\sa-z0-9]/gi) ?? []).length;
const prose = (text: string) => [{ kind: "prose" as const, text, lines: [1, 1] as [number, number], links: [] }];

describe("a word longer than a passage", () => {
  it("is cut after punctuation, so that the names in it stay whole", () => {
    const names = ["AzureDiskLimits", "InterPodAffinity", "NodeResourcesFit", "VolumeRestrictions", "TaintToleration"];
    const word = `{${names.map((name) => `"${name}":"passed"`).join(",")}}`;
    const texts = packUnits(prose(word), 20, pieces).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.join("")).toBe(word);
    for (const name of names) expect(texts.some((text) => text.includes(name))).toBe(true);
  });

  it("keeps every character, in order, inside the budget, whatever its characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (text) => {
        const word = text.replace(/\s+/g, "");
        fc.pre(word !== "");
        const cut = packUnits(prose(word), 12, pieces);
        expect(cut.map((piece) => piece.text).join("")).toBe(word);
        for (const piece of cut) expect(pieces(piece.text)).toBeLessThanOrEqual(12);
      }),
    );
  });
});
