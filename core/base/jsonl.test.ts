import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countJsonLines, type JsonLine, lineBlocks, parseLine, readJsonLines, writeJsonLines } from "./jsonl.ts";

const file = () => join(mkdtempSync(join(tmpdir(), "winnow-jsonl-")), "x.jsonl");

test("values are read back in order, whatever characters they contain", async () => {
  const path = file();
  const values = [{ text: "a\nb\u2028c" }, 7, null, ["x".repeat(400_000)], "ü".repeat(300_001), { text: "ü\u0000" }];
  expect(await writeJsonLines(path, values)).toBe(6);
  expect(await readJsonLines(path)).toEqual(values);
  expect(await countJsonLines(path)).toBe(6);
});

test("a broken line is rejected with its file and line number", async () => {
  const path = file();
  writeFileSync(path, '{"a":1}\n\n{"a":\n');
  await expect(readJsonLines(path)).rejects.toMatchObject({
    code: "CorruptArtifact",
    message: expect.stringContaining("line 3"),
  });
});

test("lines are counted and skipped unparsed; a broken line is rejected with its number only when parsed", async () => {
  const path = file();
  writeFileSync(path, '{"a":\n\n{"a":1}\n');
  expect(await countJsonLines(path)).toBe(2);
  const lines: JsonLine[] = [];
  for await (const block of lineBlocks(path)) lines.push(...block);
  expect(lines.map(({ number }) => number)).toEqual([1, 3]);
  expect(parseLine(path, lines[1]!)).toEqual({ a: 1 });
  expect(() => parseLine(path, lines[0]!)).toThrow(`${path}, line 1: not JSON`);
});
