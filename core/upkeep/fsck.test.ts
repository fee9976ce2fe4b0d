import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { WriteRequest } from "../artifacts/written.ts";
import { OF_TWIN } from "../retrieval/embeddingCache.ts";
import { openReplies } from "../training/questions/written/replies.ts";
import { WRITING } from "../training/questions/written/write.ts";
import { fsck } from "./fsck.ts";
import { stateFolder } from "./testing/homeFixture.ts";

async function promoted() {
  const state = stateFolder();
  const [first, second] = [await state.release(1), await state.release(2)];
  await state.promote(first);
  await state.promote(second);
  const folder = (name: "train" | "ingest" | "evaluate", release = second) =>
    join(state.home, "artifacts", name, release.manifest[name].sha256);
  const only = async () => {
    const { findings, clean } = await fsck(state.home);
    expect(findings).toHaveLength(1);
    expect(clean).toBe(findings[0]!.severity !== "damaged");
    return findings[0]!;
  };
  return { ...state, first, second, folder, only };
}

test("an undamaged state folder is clean, and an empty one too", async () => {
  const { home } = await promoted();
  expect(await fsck(home)).toEqual({
    clean: true,
    checked: { artifacts: 16, releases: 2, ledger: 2, steps: 3, segments: 2, records: 0 },
    findings: [],
  });
  expect(await fsck(join(home, "nothing"))).toMatchObject({ clean: true, checked: { artifacts: 0 } });
});

describe("damaged:", () => {
  test.each([0, 1, 5])("an artifact's file truncated to %i bytes, with the releases that need it", async (bytes) => {
    const { folder, only, second } = await promoted();
    truncateSync(join(folder("train"), "part"), bytes);
    expect(await only()).toMatchObject({
      severity: "damaged",
      path: folder("train"),
      problem: expect.stringMatching(/part has \d bytes instead of 11/),
      remedy: expect.stringMatching(/--name k8s.*rollback/),
      releases: [second.id],
    });
  });

  test("a file with different bytes of the same length, although it was verified before", async () => {
    const { folder, only, store, second } = await promoted();
    await store.resolve(second.manifest.train);
    writeFileSync(join(folder("train"), "part"), "train k8s 9");
    expect((await only()).problem).toMatch(/does not match its SHA-256/);
  });

  test("a missing artifact of a release", async () => {
    const { folder, only, second } = await promoted();
    rmSync(folder("evaluate"), { recursive: true });
    const found = await only();
    expect(found).toMatchObject({ severity: "damaged", path: folder("evaluate"), releases: [second.id] });
    expect(found.problem).toMatch(/is missing, but release .* of k8s needs it/);
  });

  test("a ledger with a gap, with a truncated entry, or with an entry that names an unknown release", async () => {
    const at = (home: string, number: number) => join(home, "champions", "k8s", `00000${number}.json`);
    const gap = await promoted();
    rmSync(at(gap.home, 1));
    expect((await gap.only()).problem).toMatch(/follows a gap: entry 1 is missing/);
    const half = await promoted();
    truncateSync(at(half.home, 2), 20);
    expect(await half.only()).toMatchObject({ path: at(half.home, 2), problem: "is not a ledger entry" });
    const unknown = await promoted();
    rmSync(join(unknown.home, "artifacts", "deploy", unknown.second.ref.sha256), { recursive: true });
    expect((await unknown.only()).problem).toMatch(/names release [0-9a-f]{12}, which does not exist/);
  });

  test("a ledger whose champion is a release of another corpus, by name alone and with its artifact", async () => {
    const { home, second, release, only } = await promoted();
    const foreign = await release(3, "other");
    const file = join(home, "champions", "k8s", "000002.json");
    const entry = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...entry, release: foreign.id }));
    expect(await only()).toMatchObject({
      path: file,
      problem: expect.stringContaining(`artifact of release ${second.id}`),
    });
    writeFileSync(file, JSON.stringify({ ...entry, release: foreign.id, ref: foreign.ref }));
    expect(await only()).toMatchObject({
      path: file,
      problem: `names release ${foreign.id}, which is one of corpus other`,
    });
    writeFileSync(file, JSON.stringify({ ...entry, corpus: "other" }));
    expect(await only()).toMatchObject({ path: file, problem: 'is an entry of corpus "other"' });
  });

  test("a step's record under another step's key", async () => {
    const { home, only } = await promoted();
    const folder = join(home, "steps", "train");
    const [record] = readdirSync(folder).filter((name) => name.endsWith(".json"));
    writeFileSync(join(folder, `${"0".repeat(64)}.json`), readFileSync(join(folder, record!)));
    expect((await only()).problem).toMatch(/does not match its key/);
  });
});

describe("harmless:", () => {
  test("drafts, partial records and partial segments, with their remedy", async () => {
    const { home, store } = await promoted();
    await store.draft("train");
    writeFileSync(join(home, "champions", "k8s", ".fresh-1"), "{");
    writeFileSync(join(home, "embeddings", "m".repeat(64), "x.seg.1.tmp"), "");
    // Stored beside vectors on purpose, so not leftovers.
    for (const name of Object.values(OF_TWIN)) writeFileSync(join(home, "embeddings", "m".repeat(64), name), "");
    const { clean, findings } = await fsck(home);
    expect(clean).toBe(true);
    expect(findings.map(({ severity }) => severity)).toEqual(["harmless", "harmless", "harmless"]);
    expect(findings.every(({ remedy }) => /winnow gc --apply/.test(remedy))).toBe(true);
  });

  test("a truncated line that a killed writer left among an LLM's replies, which stay readable", async () => {
    const { home, only } = await promoted();
    const replies = await openReplies(join(home, "written"), "m", WRITING.identity);
    const request = { style: "howto", heading: ["Jobs"], text: "A Job runs pods." } as WriteRequest;
    await replies.keep(request, "How do I run a Job?");
    const [name] = readdirSync(join(home, "written"));
    const file = join(home, "written", name!);
    expect((await fsck(home)).findings).toEqual([]);
    appendFileSync(file, '\n{"key":"0');
    expect(await only()).toMatchObject({ path: file, problem: "1 damaged line among an LLM's replies" });
    expect((await openReplies(join(home, "written"), "m", WRITING.identity)).get(request)).toBe("How do I run a Job?");
  });

  test("an extra file in an artifact's folder, a truncated segment, a step whose artifact is missing", async () => {
    const extra = await promoted();
    mkdirSync(join(extra.folder("train"), "notes"));
    writeFileSync(join(extra.folder("train"), "notes", "mine.txt"), "");
    expect(await extra.only()).toMatchObject({ severity: "harmless", path: expect.stringMatching(/mine\.txt$/) });
    const cut = await promoted();
    const folder = join(cut.home, "embeddings", "m".repeat(64));
    truncateSync(join(folder, readdirSync(folder)[0]!), 40);
    expect((await cut.only()).problem).toMatch(/checksum/);
    const gone = await promoted();
    const parts = { stage: "embed", inputs: {}, options: {}, code: "c" };
    const ref = { uri: `winnow:embed/${"0".repeat(64)}`, sha256: "0".repeat(64), bytes: 1 };
    await gone.steps.record("k8s", parts, { ref });
    const { clean, findings } = await fsck(gone.home);
    expect(clean).toBe(true);
    expect(findings.map(({ problem }) => problem)).toEqual([1, 2].map(() => expect.stringMatching(/which is missing/)));
  });
});
