import { posix } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { currentChampion, readLedger } from "../../core/storage/champions.ts";
import { parseManifest } from "../../core/storage/manifest.ts";
import type { Records } from "../../core/storage/records.ts";
import { releaseProblem } from "../../core/storage/releaseManifest.ts";
import { damaged, holds, mutated, oddText, RUNS, SLOW_MS } from "./runs.ts";

const sha256 = "ab".repeat(32);
const ref = { uri: `winnow:deploy/${sha256}`, sha256, bytes: 1 };
const entry = (corpus: string) => ({
  corpus,
  kind: "promotion",
  release: sha256.slice(0, 12),
  ref,
  replaced: null,
  at: "2026-01-01T00:00:00.000Z",
  by: "test",
  reason: "better",
  workflow: null,
});

/** A ledger in memory: what a file holds is what is tried, not the file. */
function records(texts: string[]): Records {
  const found = new Map(texts.map((text, at) => [`champions/sample/00000${at + 1}.json`, text]));
  found.set("champions/other/000001.json", JSON.stringify(entry("other")));
  return {
    read: async (path) => found.get(path) ?? null,
    list: async (folder) =>
      folder === "champions"
        ? ["other", "sample"]
        : [...found.keys()]
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => posix.basename(path))
            .sort(),
    replace: async () => {},
    create: async () => false,
    remove: async () => {},
    place: (path) => `/home/${path}`,
  };
}

test("a ledger is read, or names its damaged entry; other corpora go on", async () => {
  const ledger = fc.array(damaged(mutated(entry("sample"))), { minLength: 1, maxLength: 3 });
  let [sound, broken] = [0, 0];
  await fc.assert(
    fc.asyncProperty(ledger, async (texts) => {
      const started = performance.now();
      const all = records(texts);
      const champion = await currentChampion(all, "sample").catch(
        (error) => error as { code: string; message: string },
      );
      if (champion && "code" in champion) {
        broken++;
        expect(champion.code).toBe("CorruptArtifact");
        expect(champion.message).toMatch(/^\/home\/champions\/sample\/00000\d\.json /);
        expect(champion.message.length).toBeLessThan(400);
      } else {
        sound++;
        expect(champion).toMatchObject({ corpus: "sample", release: expect.stringMatching(/^[0-9a-f]{12}$/) });
      }
      expect((await currentChampion(all, "other"))?.corpus).toBe("other");
      expect((await readLedger(all)).some(({ corpus }) => corpus === "other")).toBe(true);
      expect(performance.now() - started).toBeLessThan(SLOW_MS);
    }),
    { numRuns: RUNS },
  );
  expect(Math.min(sound, broken)).toBeGreaterThan(RUNS / 1000);
});

test("a manifest names files below its folder alone, or is none", () => {
  const path = fc.oneof(
    fc.constantFrom("a", "a/b", "../x", "a/../../x", "/etc/x", ".", "a//b", "a\\b", "..\\x"),
    oddText,
  );
  const file = path.chain((each) => mutated({ path: each, bytes: 1, sha256 }));
  const manifest = fc.array(file, { maxLength: 3 }).chain((files) => mutated({ schema: 1, stage: "train", files }));
  holds(damaged(manifest), (text) => {
    for (const { path: named, bytes } of parseManifest(text)?.files ?? []) {
      expect(posix.resolve("/store/artifact", named).startsWith("/store/artifact/")).toBe(true);
      expect(bytes).toBeGreaterThanOrEqual(0);
    }
  });
});

test("a release's manifest has its parts, or its problem is told", () => {
  const part = { uri: `winnow:train/${sha256}`, sha256, bytes: 1 };
  const release = {
    schema: 1,
    corpus: "sample",
    createdAt: "2026-01-01T00:00:00.000Z",
    ranking: "retrieval",
    ...{ embedder: part, ingest: part, embed: [part], buildIndex: part, train: part, untrained: part, evaluate: part },
    reranker: { role: "tuned", ref: part },
    ...{ source: {}, training: {}, gate: {}, evaluation: {} },
  };
  expect(releaseProblem(release)).toBeNull();
  holds(mutated(release), (value) => {
    const problem = releaseProblem(value);
    if (problem !== null) return expect(problem.length).toBeLessThan(100);
    const { corpus, train, embed } = value as typeof release;
    expect([/^[a-z0-9._-]+$/.test(corpus), train.uri.endsWith(train.sha256), embed.length > 0]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
