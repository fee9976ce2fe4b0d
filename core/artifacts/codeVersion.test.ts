import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readCodeVersions, SOURCES } from "./codeVersion.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where each step's work begins. */
const ENTRIES: Record<keyof typeof SOURCES, string[]> = {
  ingest: ["core/corpus/ingest.ts"],
  changes: ["core/updates/compareCorpora.ts"],
  embed: ["core/retrieval/embedPassages.ts"],
  "build-index": ["core/retrieval/buildIndex.ts"],
  written: ["core/training/written/passages.ts", "core/training/written/write.ts"],
  mined: ["core/training/mineShard.ts"],
  "train-data": ["core/training/prepare.ts"],
  train: ["core/training/trainPrepared.ts"],
  "pair-scores": ["core/evaluation/scoreShard.ts"],
  evaluate: ["core/evaluation/evaluate.ts"],
  scores: ["core/reranker/crossEncoder.ts"],
};

/** Carry results from place to place, or end in an error: whatever they do, what is computed is the same. */
const CARRIERS = [
  "core/errors.ts",
  "core/artifacts/canonical.ts",
  "core/artifacts/folderDigest.ts",
  "core/artifacts/jsonl.ts",
  "core/artifacts/releaseFolders.ts",
  "core/artifacts/storage.ts",
  "core/answering/llmErrors.ts",
];

const IMPORT = /^(?:import|export)\s+(?!type\b)(?:([^"';]*?)\sfrom\s+)?"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm;

/** Modules that a module loads; types alone load nothing. */
function importsOf(file: string): string[] {
  const found = [...readFileSync(join(root, file), "utf8").matchAll(IMPORT)];
  const loading = found.filter(([, names = ""]) => !/^\{(\s*type\s[^,}]+,?)+\s*\}$/.test(names));
  return loading.map(([, , fixed, late]) => posix.join(posix.dirname(file), (fixed ?? late)!));
}

function closureOf(entries: string[]): string[] {
  const seen = new Set<string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file) || !file.endsWith(".ts")) continue;
    seen.add(file);
    open.push(...importsOf(file));
  }
  return [...seen].sort();
}

test("imports are followed through types, re-exports and late loading", () => {
  expect(importsOf("core/native/tasks.ts")).toContain("core/corpus/ingest.ts");
  expect(importsOf("core/artifacts/champions.ts")).toEqual(["core/errors.ts"]);
});

test.each(Object.keys(ENTRIES) as (keyof typeof ENTRIES)[])(
  "a change of whatever %s loads makes its cached results stale",
  (step) => {
    const covers = (file: string) => SOURCES[step].some((source) => file === source || file.startsWith(`${source}/`));
    const loaded = closureOf(ENTRIES[step]);
    expect(loaded.length).toBeGreaterThan(2);
    expect(loaded.filter((file) => !covers(file) && !CARRIERS.includes(file))).toEqual([]);
  },
);

test("each step has a digest of its own sources, which are all there", async () => {
  const versions = await readCodeVersions(root);
  expect(Object.keys(versions)).toEqual(Object.keys(SOURCES));
  expect(versions.ingest).toMatch(/^[0-9a-f]{64}$/);
  expect(versions.mined).toBe(versions["train-data"]);
  expect(new Set(Object.values(versions)).size).toBe(Object.keys(SOURCES).length - 2);
});
