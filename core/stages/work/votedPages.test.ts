import { expect, test } from "vitest";
import type { Split } from "../../training/split.ts";
import { votedPages } from "./prepare.ts";

test("votes train neither on pages that choose the step to stop at, nor on those that measure the release", () => {
  const splits = new Map<string, Split>([
    ["train.md", "train"],
    ["strict.md", "train"],
    ["validation.md", "validation"],
    ["heldout.md", "heldout"],
  ]);
  const trained = (isJudged: boolean) =>
    [...splits.keys()].filter(votedPages(splits, new Set(["strict.md"]), isJudged));
  expect(trained(false)).toEqual(["train.md"]);
  expect(trained(true)).toEqual(["train.md", "heldout.md"]);
});
