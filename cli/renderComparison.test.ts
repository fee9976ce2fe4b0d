import { expect, it } from "vitest";
import type { TopicComparison } from "../client/compare.ts";
import type { SectionChange } from "../core/answering/compare.ts";
import { renderComparison } from "./renderComparison.ts";
import { printable } from "./style.ts";

const section = (changes: Partial<SectionChange>): SectionChange => ({
  page: "swap.md",
  movedFrom: null,
  heading: ["Nodes", "Swap"],
  url: "/swap/#swap",
  change: "changed",
  removed: ["Pods cannot use swap."],
  added: ["Pods can use swap."],
  state: { from: "FEATURE STATE: v1.28 [beta]", to: "FEATURE STATE: v1.30 [beta]" },
  ...changes,
});

const shownOf = (part: Partial<TopicComparison>) =>
  printable(
    renderComparison({
      topic: "swap",
      from: { release: "aaa", corpus: "k8s" },
      to: { release: "bbb", corpus: "k8s" },
      sections: [],
      ...part,
    }),
    false,
  );

it("warns if the releases are of two corpora", () => {
  const warning = "The releases are of two corpora, k8s and helm";
  expect(shownOf({})).not.toContain(warning);
  expect(shownOf({ to: { release: "bbb", corpus: "helm" } })).toContain(warning);
});

it("shows a comparison as a diff, states first, equal sections by name alone", () => {
  const equal = section({ page: "same.md", change: "same", removed: [], added: [], state: { from: null, to: null } });
  expect(shownOf({ sections: [section({}), equal] })).toBe(
    [
      '"swap", from release aaa to bbb: 1 of 2 sections differ\n',
      "changed: Nodes > Swap (swap.md)",
      "  state: FEATURE STATE: v1.28 [beta] -> FEATURE STATE: v1.30 [beta]",
      "  - Pods cannot use swap.",
      "  + Pods can use swap.\n",
      "the same:",
      "  Nodes > Swap (same.md)",
    ].join("\n"),
  );
});

it("cuts long lists and long lines, and shows how many remain", () => {
  const added = Array.from({ length: 15 }, (_, i) => `line ${i} ${"x".repeat(400)}`);
  const shown = shownOf({ sections: [section({ removed: [], added })] }).split("\n");
  expect(shown.at(-1)).toBe("  + (3 more; --json gives all)");
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(310);
});
