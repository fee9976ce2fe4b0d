import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Releases } from "../core/storage/releases.ts";
import { createLightActivities, type TemporalFacts } from "./light.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-light-"));
const docs = mkdtempSync(join(folder, "docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const temporal = { searchAttributes: async () => ({}) } as TemporalFacts;
const { parsePipelineInput } = createLightActivities({
  releases: {} as Releases,
  temporal,
  root: folder,
  sources: { roots: [docs], hosts: [] },
  hasLlm: false,
});

const QUESTION = '{"id":"q1","query":"what is a pod","kind":"unanswerable-near","relevant":[]}\n';
const PAIR = '{"query":"what is a pod","positive":"a pod is","negatives":["a node is"]}\n';

test.each([
  ["questions", QUESTION, (path: string) => ({ questions: path })],
  ["training.pairs", PAIR, (path: string) => ({ training: { pairs: path } })],
] as const)(
  "%s must lie where docs may; elsewhere, also through a link, the file is not read",
  async (field, line, input) => {
    const inside = join(docs, `${field}.jsonl`);
    writeFileSync(inside, line);
    const { input: parsed } = await parsePipelineInput({ docs: { path: docs }, ...input(inside) });
    expect(parsed).toMatchObject(input(inside));
    const outside = join(folder, `${field}.jsonl`);
    writeFileSync(outside, "secret");
    const link = join(docs, `${field}-link.jsonl`);
    symlinkSync(outside, link);
    for (const path of [outside, link])
      await expect(parsePipelineInput({ docs: { path: docs }, ...input(path) })).rejects.toMatchObject({
        code: "BadSource",
        message: expect.stringMatching(new RegExp(`^${field}.*does not lie below .*WINNOW_DOCS_ROOTS`)),
      });
  },
);
