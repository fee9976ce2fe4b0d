import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeTerms } from "../../../artifacts/termsFile.ts";
import { openVectors } from "../../../artifacts/vectors.ts";
import { BM25_DEFAULTS } from "../../bm25.ts";
import { somePassages, writeCorpus } from "../testing/corpusSuite.ts";
import { corpusDigest } from "./digest.ts";

const home = mkdtempSync(join(tmpdir(), "winnow-digest-"));
afterAll(() => rmSync(home, { recursive: true }));

it("differs for the same passages and vectors in other terms, whose places the postings hold", async () => {
  const { ingestDir, embedDirs } = await writeCorpus(home, somePassages(10));
  const vectors = await openVectors(embedDirs);
  const digestWith = async (folder: string, ...terms: string[]) => {
    const termsDir = join(home, folder);
    const counts = new Map(terms.map((term) => [term, 1]));
    await writeTerms(termsDir, counts, { settings: BM25_DEFAULTS, passages: 10 });
    return corpusDigest({ kind: "flat", ingestDir, vectors, shards: 1, termsDir, mean: { title: 1, text: 2 } });
  };
  const first = await digestWith("first", "node", "pod");
  expect(await digestWith("again", "node", "pod")).toBe(first);
  expect(await digestWith("other", "node", "pods")).not.toBe(first);
});
