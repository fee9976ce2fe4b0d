import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compareCorpora } from "./compareCorpora.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an ingest artifact of pages with the texts of their passages. */
function corpus(name: string, pages: Record<string, string[]>): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  const lines = (values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
  const all = Object.entries(pages);
  writeFileSync(join(dir, "pages.jsonl"), lines(all.map(([page, texts]) => ({ page, digest: texts.join("|") }))));
  const passages = all.flatMap(([page, texts]) => texts.map((text) => ({ page, heading: ["T"], text })));
  writeFileSync(join(dir, "passages.jsonl"), lines(passages));
  return dir;
}

test("lists pages added, changed and removed, and counts passages by their text", async () => {
  const before = corpus("before", { "a.md": ["one", "two"], "b.md": ["three"], "gone.md": ["four"] });
  const now = corpus("now", { "a.md": ["one", "TWO", "new"], "b.md": ["three"], "moved.md": ["four"] });
  expect(await compareCorpora(before, now)).toEqual({
    added: ["moved.md"],
    changed: ["a.md"],
    removed: ["gone.md"],
    same: 1,
    // "four" only moved, so its vector can be reused.
    passages: { total: 5, fresh: 2, gone: 1 },
  });
});

test("equal docs have no differences", async () => {
  const dir = corpus("same", { "a.md": ["one", "one"] });
  expect(await compareCorpora(dir, dir)).toEqual({
    added: [],
    changed: [],
    removed: [],
    same: 1,
    passages: { total: 2, fresh: 0, gone: 0 },
  });
});
