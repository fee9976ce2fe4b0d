import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeJsonLines } from "../base/jsonl.ts";
import { quietContext } from "../base/progress.ts";
import type { StoredPassage } from "../docs/windows.ts";
import { buildBm25 } from "./bm25Builder.ts";
import { buildLexicalIndex } from "./lexicalIndex.ts";

const PASSAGES: StoredPassage[] = Array.from({ length: 3000 }, (_, at) => ({
  id: `p${at}`,
  page: "p.md",
  heading: ["Pods", `Part ${at % 7}`],
  url: "/p",
  lines: [at, at],
  text: `word${at % 50} of pod ${at}`,
}));
let home = "";
let file = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lexical-"));
  file = join(home, "passages.jsonl");
  await writeJsonLines(file, PASSAGES);
});
afterEach(() => rm(home, { recursive: true }));

test("passages read one by one give the same bytes as passages read together", async () => {
  const steps: number[] = [];
  const ctx = { ...quietContext(), progress: ({ step, of }: { step: number; of: number }) => steps.push(step, of) };
  await buildLexicalIndex(home, PASSAGES.length, home, ctx);
  const files = () => Promise.all(["bm25.json", "bm25.bin"].map((name) => readFile(join(home, name), "hex")));
  const streamed = await files();
  await buildBm25(PASSAGES).save(home);
  expect(await files()).toEqual(streamed);
  expect(steps).toEqual([0, 3000, 2048, 3000]);
});

test("vectors of other passages, a damaged line or a cancel leave no index", async () => {
  const other = buildLexicalIndex(home, PASSAGES.length + 1, home, quietContext());
  await expect(other).rejects.toMatchObject({
    code: "CorruptArtifact",
    message: "3000 windows of passages, but 3001 vectors",
  });
  const cancelled = { ...quietContext(), signal: AbortSignal.abort() };
  await expect(buildLexicalIndex(home, PASSAGES.length, home, cancelled)).rejects.toMatchObject({ code: "Cancelled" });
  await appendFile(file, '{"id":');
  const damaged = buildLexicalIndex(home, PASSAGES.length, home, quietContext());
  await expect(damaged).rejects.toThrow("line 3001: not JSON");
  await expect(stat(join(home, "bm25.bin"))).rejects.toThrow("ENOENT");
});
