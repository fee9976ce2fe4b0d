import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { WeaviateStandIn } from "../retrieval/corpora/testing/weaviateStandIn.ts";
import { EmbeddingCache } from "../retrieval/embeddingCache.ts";
import { type Collection, Weaviate } from "../retrieval/engines/weaviate.ts";
import { fsck } from "./fsck.ts";
import { collectGarbage, type GcOptions } from "./gc.ts";
import { readInventory } from "./inventory.ts";
import { age, stateFolder } from "./testing/homeFixture.ts";

type State = ReturnType<typeof stateFolder>;

const collect = (home: string, options: Partial<GcOptions> = {}) =>
  collectGarbage(home, { keep: 1, graceHours: 48, inUse: [], apply: true, ...options });

/** Five releases; the first three served, the third is champion. All were last used a month ago. */
async function history(): Promise<State & { made: Awaited<ReturnType<State["release"]>>[] }> {
  const state = stateFolder();
  const made = [];
  for (let n = 1; n <= 5; n++) made.push(await state.release(n));
  for (const n of [0, 1, 2]) await state.promote(made[n]!);
  await ageAll(state.home);
  return { ...state, made };
}

async function ageAll(home: string): Promise<void> {
  const { artifacts, segments, scores, checkpoints, leftovers } = await readInventory(home);
  for (const { folder } of [...artifacts, ...checkpoints]) age(folder);
  for (const path of [...segments, ...scores, ...leftovers]) age(path);
}

const whole = async ({ store }: State, release: Awaited<ReturnType<State["release"]>>) => {
  const { ingest, embed, buildIndex, train, evaluate } = release.manifest;
  const parts = [ingest, ...embed, buildIndex, train, evaluate];
  return (await Promise.allSettled(parts.map((part) => store.verify(part)))).every(
    (part) => part.status === "fulfilled",
  );
};

test("the champion, the one before it and the last N stay whole; the rest goes, and fsck is clean", async () => {
  const state = await history();
  const report = await collect(state.home);
  const left = await Promise.all(state.made.map((release) => whole(state, release)));
  expect(left).toEqual([false, true, true, false, true]);
  expect(report.retired).toEqual([state.made[0]!.id]);
  expect(await fsck(state.home)).toMatchObject({ clean: true, findings: [] });
});

test("a release that served keeps its manifest and is marked retired; others are removed", async () => {
  const { home, releases, made } = await history();
  await collect(home);
  const states = (await releases.list()).map(({ id, retired }) => [id, retired]);
  expect(states).toEqual([
    [made[4]!.id, false],
    [made[2]!.id, false],
    [made[1]!.id, false],
    [made[0]!.id, true],
  ]);
  expect((await releases.read(made[0]!.id)).manifest.gate.reason).toBe("better");
  expect(await releases.ledger()).toHaveLength(3);
  expect(await collect(home)).toMatchObject({ removals: [], retired: [], bytes: 0 });
});

test("without `apply` nothing changes, and the reported bytes are those that apply frees", async () => {
  const { home } = await history();
  const before = readdirSync(home, { recursive: true });
  const told = await collect(home, { apply: false });
  expect(readdirSync(home, { recursive: true })).toEqual(before);
  const done = await collect(home);
  expect(done.bytes).toBe(told.bytes);
  expect(told.bytes).toBeGreaterThan(0);
  expect(done.removals.every(({ path }) => !existsSync(path))).toBe(true);
});

describe("never removed:", () => {
  const others = async ({ home, artifact }: State) => {
    const ref = await artifact("train", { weights: "of a run under way" });
    await ageAll(home);
    return ref;
  };

  test("recently used artifacts", async () => {
    const state = await history();
    const ref = await others(state);
    await state.store.resolve(ref);
    await collect(state.home);
    await state.store.verify(ref);
  });

  test("artifacts in use by a running workflow", async () => {
    const state = await history();
    const ref = await others(state);
    await collect(state.home, { inUse: [ref.sha256] });
    await state.store.verify(ref);
    await collect(state.home);
    await expect(state.store.verify(ref)).rejects.toMatchObject({ code: "CorruptArtifact" });
  });

  test("results of a corpus's last run, so that the next run finds them", async () => {
    const state = await history();
    const ref = await others(state);
    await state.steps.record("other", { stage: "train", inputs: {}, options: {}, code: "c" }, { ref });
    await collect(state.home);
    await state.store.verify(ref);
  });

  test("artifacts that another corpus serves", async () => {
    const state = await history();
    const other = await state.release(1, "docs");
    await state.promote(other);
    await ageAll(state.home);
    await collect(state.home, { keep: 1 });
    expect(await whole(state, other)).toBe(true);
  });
});

test("a home without a champion, such as a bucket's cache, does not query collections to remove", async () => {
  const { home, release, promote } = stateFolder();
  const made = await release(1);
  const vectors = { url: "http://127.0.0.1:9", prefix: "Winnow", apiKey: null, replicas: 1 } as never;
  expect((await collect(home, { vectors, graceHours: 0 })).removals.map(({ what }) => what)).not.toContain(
    "collection",
  );
  await promote(made);
  await expect(collect(home, { vectors })).rejects.toThrow();
});

test("while one search server is down, files and the collections of the others are removed, and it is reported", async () => {
  const state = await history();
  for (const { key, folder } of (await readInventory(state.home)).artifacts)
    if (key.startsWith("build-index/")) writeFileSync(join(folder, "meta.json"), JSON.stringify({ kind: "flat" }));
  const up = await WeaviateStandIn.start();
  try {
    const settings = up.settings();
    const vectors = { ...settings, corpus: { urls: ["http://127.0.0.1:9", up.url], shards: 2 } };
    const note = { by: "winnow", vectors: 0, dim: 2, created: "2020-01-01T00:00:00Z", complete: true };
    const schema = { class: "Winnow_0_0_windows", description: JSON.stringify(note) } as Collection;
    await new Weaviate(settings).create(schema);
    const { removals, unavailable } = await collect(state.home, { vectors });
    expect(removals.map(({ path }) => path)).toEqual(expect.arrayContaining(["Winnow_0_0_windows"]));
    expect(unavailable).toEqual([expect.stringMatching(/127\.0\.0\.1:9/)]);
    expect(up.collections.size).toBe(0);
    expect(await whole(state, state.made[0]!)).toBe(false);
  } finally {
    up.stop();
  }
});

test("cached vectors are removed with the last corpus that contains their passages", async () => {
  const { home } = await history();
  const { removals } = await collect(home, { keep: 1 });
  expect(removals.filter(({ what }) => what === "embeddings")).toHaveLength(2);
  expect(readdirSync(join(home, "embeddings", "m".repeat(64)))).toHaveLength(3);
});

test("checkpoints and drafts of finished or abandoned trainings are removed, those of a running one stay", async () => {
  const { home, store } = await history();
  const [done] = readdirSync(join(home, "steps", "train")).filter((name) => name.endsWith(".json"));
  const checkpoint = (key: string) => join(home, "checkpoints", key);
  for (const key of [done!.replace(".json", ""), "abandoned", "running"])
    mkdirSync(checkpoint(key), { recursive: true });
  writeFileSync(join(checkpoint("abandoned"), "plan.json"), "{}");
  age(checkpoint("abandoned"));
  const [old, fresh] = [await store.draft("train"), await store.draft("train")];
  age(old);
  await collect(home);
  expect(readdirSync(join(home, "checkpoints"))).toEqual(["running"]);
  expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
});

test("a step's record is removed before the artifact it names, so that no reference dangles", async () => {
  const { home } = await history();
  const { removals } = await collect(home, { apply: false });
  const kinds = removals.map(({ what }) => what);
  expect(kinds.lastIndexOf("record")).toBeLessThan(kinds.indexOf("artifact"));
  await collect(home);
  expect((await fsck(home)).findings).toEqual([]);
});

test("scores of question and text are removed with the last release of their model", async () => {
  const { home, made, store } = await history();
  const modelOf = async (at: number) => {
    const folder = await store.resolve(made[at]!.manifest.train);
    const manifest: { files: { sha256: string }[] } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    return manifest.files[0]!.sha256;
  };
  const folders = await Promise.all([0, 2].map(async (at) => join(home, "scores", `${await modelOf(at)}-0`)));
  for (const folder of folders) await new EmbeddingCache(folder, 1).append(["a".repeat(64)], Float32Array.from([1]));
  await ageAll(home);
  const { removals } = await collect(home);
  expect(removals.filter(({ what }) => what === "scores").map(({ path }) => dirname(path))).toEqual([folders[0]]);
  expect(readdirSync(folders[1]!)).toHaveLength(1);
});

test("ingest's cache of a corpus's pages is removed when the corpus has no release", async () => {
  const { home } = await history();
  mkdirSync(join(home, "pages"));
  for (const name of ["k8s.jsonl", "gone.jsonl"]) {
    writeFileSync(join(home, "pages", name), "");
    age(join(home, "pages", name));
  }
  const { removals } = await collect(home);
  expect(removals.filter(({ what }) => what === "pages")).toMatchObject([{ path: join(home, "pages", "gone.jsonl") }]);
  expect(readdirSync(join(home, "pages"))).toEqual(["k8s.jsonl"]);
});

test("no release of a corpus goes while its ledger is damaged: which one serves is unknown", async () => {
  for (const damage of ["", "null", "[]", '{"release":"000000000000"}']) {
    const state = await history();
    writeFileSync(join(state.home, "champions", "k8s", "000003.json"), damage);
    expect((await collect(state.home)).retired, damage).toEqual([]);
    expect(await Promise.all(state.made.map((release) => whole(state, release)))).toEqual(Array(5).fill(true));
  }
  const gap = await history();
  rmSync(join(gap.home, "champions", "k8s", "000002.json"));
  expect((await collect(gap.home)).retired).toEqual([]);
});
