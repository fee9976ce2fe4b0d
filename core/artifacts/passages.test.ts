import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { writeJsonLines } from "../base/jsonl.ts";
import type { StoredPassage } from "../docs/windows.ts";
import { readFirstRows, readPassageRange } from "./passages.ts";

/** Every third passage has two windows; the texts mention windows in the format's own syntax. */
const PASSAGES: StoredPassage[] = Array.from({ length: 10 }, (_, at) => ({
  id: `p${at}`,
  page: "p.md",
  heading: ["P"],
  url: "/p",
  lines: [at, at],
  text: `an example: {"windows":[[0,1],[1,2]]} ${at}`,
  ...(at % 3 === 0 && {
    windows: [
      [0, 5],
      [5, 40],
    ],
  }),
}));
let folder = "";
let file = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "winnow-passages-"));
  file = join(folder, "passages.jsonl");
  await writeJsonLines(file, PASSAGES);
});

function damage(line: number): void {
  const lines = readFileSync(file, "utf8").split("\n");
  lines[line - 1] = lines[line - 1]!.slice(0, -5);
  writeFileSync(file, lines.join("\n"));
}

test("adjacent ranges hold every passage once, and each begins at the row after the previous one", async () => {
  const parts = await Promise.all(
    [
      [0, 4],
      [4, 5],
      [5, 10],
    ].map(([first, last]) => readPassageRange(folder, { first, last })),
  );
  expect(parts.flatMap(({ passages }) => passages)).toEqual(PASSAGES);
  expect(parts.map(({ firstRow }) => firstRow)).toEqual([0, 6, 7]);
  expect(await readPassageRange(folder, {})).toEqual({ passages: PASSAGES, firstRow: 0 });
});

test("the first row of each passage, and of one more, follows from the windows of those before", async () => {
  expect([...(await readFirstRows(folder, 10))]).toEqual([0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14]);
});

test("a range may end after the last passage, but an empty range reports the number of passages", async () => {
  expect((await readPassageRange(folder, { first: 8, last: 99 })).passages).toEqual(PASSAGES.slice(8));
  const refusal = (first: number, last?: number) =>
    readPassageRange(folder, { first, last }).then(
      () => null,
      (error) => [error.code, error.message],
    );
  expect(await refusal(10)).toEqual(["BadInput", "no passages in the range 10 to the end: there are 10"]);
  expect(await refusal(3, 3)).toEqual(["BadInput", "no passages in the range 3 to 3: there are 10"]);
});

test("a damaged line is rejected by number in its own range, and not read by earlier ranges", async () => {
  damage(6);
  const refused = { code: "CorruptArtifact", message: expect.stringContaining("passages.jsonl, line 6: not JSON") };
  await expect(readPassageRange(folder, { first: 5, last: 8 })).rejects.toMatchObject(refused);
  await expect(readPassageRange(folder, {})).rejects.toMatchObject(refused);
  expect((await readPassageRange(folder, { first: 0, last: 5 })).passages).toEqual(PASSAGES.slice(0, 5));
});

test("a damaged line before the range is rejected if its row count is needed", async () => {
  damage(7);
  await expect(readPassageRange(folder, { first: 8 })).rejects.toThrow("line 7: not JSON");
});
