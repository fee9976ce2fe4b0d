import { expect, test } from "vitest";
import { relevanceHistogram } from "./charts.ts";

/** Left, top and height of the bars of one colour, in pixels. */
function bars(svg: string, color: string): number[][] {
  const paths = svg.matchAll(
    new RegExp(`<path d="M([\\d.]+) ([\\d.]+)l[\\d.]+ 0l0 ([\\d.]+)[^"]*" fill="${color}"`, "g"),
  );
  return [...paths].map((path) => path.slice(1).map(Number));
}

test("questions are counted by relevance, stacked by kind, with the threshold", () => {
  const svg = relevanceHistogram(
    [
      { name: "off-topic", color: "#aa0001", values: [0.01, 0.02, 0.12] },
      { name: "answerable", color: "#aa0002", values: [0.02, 0.99, 1] },
    ],
    0.3,
  );
  const [[left, top, two], [, , one], ...noMore] = bars(svg, "#aa0001") as [number[], number[], ...number[][]];
  expect(two).toBeCloseTo(2 * one!, 3);
  expect(noMore).toEqual([]);
  const answerable = bars(svg, "#aa0002");
  expect(answerable[0]).toEqual([left, expect.closeTo(top! - one!, 3), expect.closeTo(one!, 3)]);
  expect(answerable[1]![2]).toBeCloseTo(two!, 3);
  expect(svg).toContain("threshold 0.30");
});
