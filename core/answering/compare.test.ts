import { describe, expect, it } from "vitest";
import { compareSections } from "./compare.ts";
import { rankedPassage } from "./testing/answerFixture.ts";

const passage = (id: string, page: string, heading: string[], text: string) => ({
  ...rankedPassage(1, text, 0.9, heading),
  id,
  page,
});
const older = [
  passage(
    "a1",
    "swap.md",
    ["Swap"],
    "FEATURE STATE: v1.28 [beta]\nSwap is off. Pods cannot use it.\n```\nswap: off\n```",
  ),
  passage("a2", "swap.md", ["Swap"], "Swap is off.\nMore of the same section."),
  passage("b", "old.md", ["Old"], "This went away."),
  passage("s", "same.md", ["Same"], "Nothing happened here."),
];
const newer = [
  passage("c1", "swap.md", ["Swap"], "FEATURE STATE: v1.30 [beta]\nSwap is off. Pods can use it.\n```\nswap: on\n```"),
  passage("c2", "swap.md", ["Swap"], "More of the **same** section."),
  passage("s2", "same.md", ["Same"], "Nothing  happened here."),
  passage("n", "new.md", ["New"], "This is new."),
];

describe("compareSections", () => {
  it("returns the sentences, code lines and states that differ, section by section", () => {
    const [swap] = compareSections(older, newer, { from: ["a1"], to: ["c2"] });
    expect(swap).toMatchObject({
      page: "swap.md",
      change: "changed",
      removed: ["FEATURE STATE: v1.28 [beta]", "Pods cannot use it.", "swap: off"],
      added: ["FEATURE STATE: v1.30 [beta]", "Pods can use it.", "swap: on"],
      state: { from: "FEATURE STATE: v1.28 [beta]", to: "FEATURE STATE: v1.30 [beta]" },
    });
  });

  it("keeps a list's number with its item, and ignores a changed number", () => {
    const one = passage("l1", "list.md", ["List"], "1. Drain the node. Then wait.");
    const other = passage("l2", "list.md", ["List"], "1. Cordon the node.\n2. Drain the node. Then wait.");
    const [list] = compareSections([one], [other], { from: ["l1"], to: ["l2"] });
    expect(list).toMatchObject({ removed: [], added: ["1. Cordon the node."] });
  });

  it("reports whether the other version has a section found in only one", () => {
    const changes = compareSections(older, newer, { from: ["b", "s"], to: ["n"] });
    expect(changes.map(({ page, change }) => [page, change])).toEqual([
      ["new.md", "added"],
      ["old.md", "removed"],
      ["same.md", "same"],
    ]);
  });

  it("lists a section once for all its passages, in the newest version's order first", () => {
    const changes = compareSections(older, newer, { from: ["s", "a2", "a1"], to: ["c1", "c2"] });
    expect(changes.map(({ page }) => page)).toEqual(["swap.md", "same.md"]);
  });

  it("matches a moved page by its title, unless two pages share it", () => {
    const gone = passage("g1", "gates/node-swap.md", ["NodeSwap"], "Allows swap.");
    const come = passage("g2", "gates/NodeSwap.md", ["NodeSwap"], "Allows swap, safely.");
    const twin = passage("g3", "other/NodeSwap.md", ["NodeSwap"], "Another.");
    const found = { from: ["g1"], to: ["g2"] };
    expect(compareSections([gone], [come], found)).toMatchObject([
      {
        page: "gates/NodeSwap.md",
        movedFrom: "gates/node-swap.md",
        change: "changed",
        added: ["Allows swap, safely."],
      },
    ]);
    expect(compareSections([gone], [come, twin], found).map(({ change }) => change)).toEqual(["added", "removed"]);
  });
});
