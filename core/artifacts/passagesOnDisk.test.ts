import { appendFileSync, mkdtempSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeJsonLines } from "../base/jsonl.ts";
import type { StoredPassage } from "../docs/windows.ts";
import { PassagesOnDisk } from "./passagesOnDisk.ts";

/** More than are kept in memory, of different lengths in bytes. */
const PASSAGES: StoredPassage[] = Array.from({ length: 5_000 }, (_, at) => ({
  ...{ id: `p${at}`, page: "p.md", heading: ["P"], url: "/p", lines: [at, at] as [number, number] },
  text: `naïve\u2028 ${"ü".repeat(at % 300)} ${at}`,
}));

async function written() {
  const folder = mkdtempSync(join(tmpdir(), "winnow-passages-"));
  const file = join(folder, "passages.jsonl");
  await writeJsonLines(file, PASSAGES);
  return { folder, file };
}

test("passages are read from their file as they were written, in any order and all in a row", async () => {
  const { folder, file } = await written();
  appendFileSync(file, "\n \n");
  const seen: [number, StoredPassage][] = [];
  const passages = await PassagesOnDisk.open(folder, (passage, position) => void seen.push([position, passage]));
  expect(passages.length).toBe(5_000);
  for (const position of [4_999, 0, 2_500, 0]) expect(passages.at(position)).toEqual(PASSAGES[position]);
  expect([passages.at(-1), passages.at(5_000)]).toEqual([undefined, undefined]);
  expect([...passages.values()]).toEqual(PASSAGES);
  expect([...passages.entries()]).toEqual(seen);
  passages.close();
});

test("a damaged line is named when the passages are opened, and a file that was cut later when it is read", async () => {
  const { folder, file } = await written();
  const passages = await PassagesOnDisk.open(folder);
  truncateSync(file, 1_000_000);
  expect(() => passages.at(4_999)).toThrow(/passages\.jsonl/);
  passages.close();
  const reopened = PassagesOnDisk.open(folder);
  await expect(reopened).rejects.toMatchObject({ code: "CorruptArtifact", message: expect.stringMatching(/line \d+/) });
});
