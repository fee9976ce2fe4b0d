import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { oddPlaces } from "../core/base/given/testing/oddPlaces.ts";
import { readPassageFile, readPassages } from "./rerank.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-passages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a line is a passage, as text or as a JSON string; empty lines keep the places of the others", () => {
  expect(readPassages('plain "text"\n\n"two\\nlines"\r\n  \nlast', "p.txt")).toEqual([
    'plain "text"',
    "",
    "two\nlines",
    "",
    "last",
  ]);
});

test.each(oddPlaces(folder, "passages.txt").filter(([path]) => !path.includes("binary")))(
  "%s is refused by name",
  async (path, why) => {
    const refused = expect.stringMatching(new RegExp(`^--passages: .*(${why.source}|there is no)`));
    await expect(readPassageFile(path)).rejects.toMatchObject({ code: "BadInput", message: refused });
  },
);

test("a malformed JSON string is reported with its line, and so is a file without passages", () => {
  expect(() => readPassages('good\n"bad', "p.txt")).toThrow(/^p\.txt:2: /);
  expect(() => readPassages("\n \n", "p.txt")).toThrow(/p\.txt holds no passages/);
});
