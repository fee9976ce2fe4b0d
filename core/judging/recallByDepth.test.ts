import { describe, expect, it } from "vitest";
import type { RowName } from "../../contracts/ladderRows.ts";
import { recallChart } from "../report/recallChart.ts";
import type { LadderRun } from "./ladder.ts";
import { recallByDepth } from "./recallByDepth.ts";

const run = (name: RowName, ranks: (number | null)[][]): LadderRun => ({
  name,
  perQuestion: [],
  ranks: ranks.map((judgments) => judgments.map((rank) => ({ grade: 2, rank }))),
});

describe("recallByDepth", () => {
  const curves = recallByDepth(
    [
      run("BM25", [[1, null], [3]]),
      run("weighted", [[1], [1]]),
      run("retrieval", [
        [2, 4],
        [1, 1],
      ]),
    ],
    4,
  );

  it("is the share of a question's judgments within each depth, averaged over questions", () => {
    expect(curves).toEqual([
      { name: "BM25", at: [0.25, 0.25, 0.75, 0.75] },
      { name: "retrieval", at: [0.5, 0.75, 0.75, 1] },
    ]);
  });

  it("is drawn with one line for each row, and marks the one that serves", () => {
    const svg = recallChart(curves, "retrieval");
    expect(svg).toMatch(/^<svg/);
    expect(svg).toContain("retrieval (serves)");
    expect(svg).toContain(">BM25<");
  });
});
