import { expect, test } from "vitest";
import { table } from "./table.ts";
import { widthOf } from "./wrap.ts";

const rows = [
  [
    "handbook",
    "1.0 MB",
    "the reranker stays out, because it was no better than the order of retrieval on these questions",
  ],
  ["k8s", "220.5 MB", "first release"],
];

test("columns are as wide as their cells, and quantities are right-aligned", () => {
  expect(table(["name", "size"], rows).split("\n")).toEqual([
    "name      size",
    "--------  --------",
    "handbook    1.0 MB",
    "k8s       220.5 MB",
  ]);
});

test.each([40, 60, 80, 120])("in %d columns no line is longer and no word is lost", (columns) => {
  const shown = table(["name", "size", "why"], rows, columns);
  for (const line of shown.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  for (const word of rows.flat().join(" ").split(" ")) expect(shown).toContain(word);
});

test("a word longer than its share keeps the columns after it in line", () => {
  const run = "pipeline-handbook-2026-11-30T12:00:00Z-5f0c2d7e";
  const folded = table(["run", "state", "options"], [[run, "open, train", "--docs /srv/handbook --budget 20"]], 70);
  const [header, , ...lines] = folded.split("\n");
  expect(lines[0]).toContain(`${run}  open, train  --docs`);
  expect(header!.indexOf("options")).toBe(lines[0]!.indexOf("--docs"));
  expect(lines[1]!.indexOf("/srv")).toBe(header!.indexOf("options"));
});
