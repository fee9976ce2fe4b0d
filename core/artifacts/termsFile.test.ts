import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { TermTable, writeTerms } from "./termsFile.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-terms-"));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = { k1: 1.2, b: 0.3, titleB: 0.3, titleWeight: 2, tellingTerms: 8 };

it("finds each term with its place and frequency, and no other, and refuses a truncated file", async () => {
  const terms = Array.from({ length: 500 }, (_, at) => `term${at}`).concat(["naïve", "𝔘nusual", "a.b/c"]);
  await writeTerms(folder, new Map(terms.map((term, at) => [term, at + 1])), { settings, passages: 600 });
  const table = await TermTable.open(folder);
  expect([table.passages, table.settings]).toEqual([600, settings]);
  const sorted = [...terms].sort();
  for (const [at, term] of terms.entries())
    expect(table.find(term)).toEqual({ id: sorted.indexOf(term), frequency: at + 1 });
  for (const other of ["", "a", "term", "term5000", "zzz", "𝔘"]) expect(table.find(other)).toBeNull();
  table.close();
  truncateSync(join(folder, "terms.jsonl"), 100);
  await expect(TermTable.open(folder)).rejects.toMatchObject({
    code: "CorruptArtifact",
    message: expect.stringMatching(/terms\.jsonl.*found 100/),
  });
});

it("has no terms for a corpus without words", async () => {
  await writeTerms(folder, new Map(), { settings, passages: 0 });
  const table = await TermTable.open(folder);
  expect(table.find("pod")).toBeNull();
  table.close();
});
