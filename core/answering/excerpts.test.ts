import { describe, expect, it } from "vitest";
import { excerptAround } from "./excerpts.ts";
import { quotablesOf } from "./quotable.ts";

/** The excerpt for the first unit that contains `word`. `scores` are by word, otherwise 0. */
function excerptFor(passage: string, word: string, scores: Record<string, number> = {}, limit = 420): string {
  const units = quotablesOf(passage);
  const at = units.findIndex((unit) => unit.text.includes(word));
  const given = units.map(({ text }) => Object.entries(scores).find(([key]) => text.includes(key))?.[1] ?? 0);
  const { first, last } = excerptAround(units, at, given, 0.6, limit);
  return passage.slice(units[first]!.start, units[last]!.end);
}

describe("excerptAround", () => {
  it("joins a sentence that refers back with the one before", () => {
    const passage = "First comes this. The kubelet evicts Pods. It does so by priority.";
    expect(excerptFor(passage, "priority")).toBe("The kubelet evicts Pods. It does so by priority.");
  });

  it("joins an introduction with its list, and an item with the introduction", () => {
    const passage = "Two modes exist:\n- fast\n- slow\n\nOther prose here.";
    expect(excerptFor(passage, "Two modes")).toBe("Two modes exist:\n- fast\n- slow");
    expect(excerptFor(passage, "slow")).toBe("Two modes exist:\n- fast\n- slow");
  });

  it("quotes code with the sentence before it, and an introduction with its code", () => {
    const passage = "Some prose. Run this:\n```shell\nkubectl get pods\n```\nDone.";
    expect(excerptFor(passage, "kubectl")).toBe("Run this:\n```shell\nkubectl get pods");
    expect(excerptFor(passage, "Run this")).toBe("Run this:\n```shell\nkubectl get pods");
  });

  it("quotes code with its title and the sentence that introduces both", () => {
    const passage = "Some prose. Add this to your project:\npyproject.toml:\n```toml\nname = 1\n```\nDone.";
    const whole = "Add this to your project:\npyproject.toml:\n```toml\nname = 1";
    expect(excerptFor(passage, "name = 1")).toBe(whole);
    expect(excerptFor(passage, "Add this")).toBe(whole);
  });

  it("quotes a sentence that ends in a colon with the paragraph it announces", () => {
    expect(excerptFor("Note:\nPods restart. More.", "Note")).toBe("Note:\nPods restart.");
  });

  it("adds neighbours that also answer, up to the limit", () => {
    const passage = "Alpha is here. Beta is good. Gamma is best. Delta is good. Omega is not.";
    const scores = { Beta: 0.7, Gamma: 1, Delta: 0.65, Alpha: 0.2 };
    expect(excerptFor(passage, "Gamma", scores)).toBe("Beta is good. Gamma is best. Delta is good.");
    expect(excerptFor(passage, "Gamma", scores, 30)).toBe("Beta is good. Gamma is best.");
  });

  it("never joins a list item with the paragraph after the list", () => {
    const passage = "- A-Namespace\n- A-StatefulSet\n\nThis is because Helm sorts by kind. It does so once.";
    const scores = { StatefulSet: 0.9, sorts: 1 };
    expect(excerptFor(passage, "sorts", scores)).toBe("This is because Helm sorts by kind.");
    expect(excerptFor(passage, "StatefulSet", scores)).toBe("A-StatefulSet");
  });

  it("never joins a table row with the paragraph after the table", () => {
    const passage =
      "Signal | Threshold\nnodefs.available | 10 %\nimagefs.available | 15 %\nnodefs is the kubelet's disk.";
    const scores = { imagefs: 1, kubelet: 0.9 };
    expect(excerptFor(passage, "imagefs", scores)).toBe("imagefs.available | 15 %");
    expect(excerptFor(passage, "kubelet", scores)).toBe("nodefs is the kubelet's disk.");
  });

  it("completes a sentence that a list completes, and leaves it out if the list does not fit", () => {
    const passage = "Pods start. The objects of the chart are\n\n- put into one set; then\n- sorted by kind.";
    expect(excerptFor(passage, "objects")).toBe(
      "The objects of the chart are\n\n- put into one set; then\n- sorted by kind.",
    );
    expect(excerptFor(passage, "sorted")).toBe(excerptFor(passage, "objects"));
    expect(excerptFor(passage, "Pods", { objects: 0.9 }, 45)).toBe("Pods start.");
  });

  it("quotes every sentence of a list item from its start", () => {
    expect(excerptFor("- Stop it. Then wait.\n- Go on.", "wait", {}, 40)).toBe("Stop it. Then wait.");
  });

  it("joins an option with the sentence that describes it", () => {
    const passage = "-r\n--release\nBuilds with the release profile.\n--help\nPrints help.";
    expect(excerptFor(passage, "profile")).toBe("-r\n--release\nBuilds with the release profile.");
    expect(excerptFor(passage, "--release")).toBe("--release\nBuilds with the release profile.");
    expect(excerptFor(passage, "Prints")).toBe("--help\nPrints help.");
  });

  it("leaves out an introduction if its list did not fit", () => {
    expect(excerptFor("Gamma is best. Next follows:\n\n- a", "Gamma", { Next: 0.9 })).toBe("Gamma is best.");
  });
});

describe("quotablesOf", () => {
  it("makes each row one piece, without the header, at its position", () => {
    const passage = "Ports:\nPort | Use\n6443 | The API. Always on.\nMore prose.";
    expect(quotablesOf(passage).map(({ kind, text }) => [kind, text])).toEqual([
      ["sentence", "Ports:"],
      ["row", "6443 | The API. Always on."],
      ["sentence", "More prose."],
    ]);
  });
});
