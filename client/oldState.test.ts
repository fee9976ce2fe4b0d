import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { readBm25 } from "../core/artifacts/bm25File.ts";
import { readIndexMeta } from "../core/artifacts/searchIndex.ts";
import { sha256 } from "../core/base/canonical.ts";
import { openInstalledModels } from "../core/models/installed.ts";
import { openAnswerRecords } from "../core/records/answers.ts";
import { acceptedLabels } from "../core/records/labels.ts";
import { Votes } from "../core/records/votes.ts";
import { openStorage, type Storage } from "../core/storage/openStorage.ts";
import { collectGarbage } from "../core/upkeep/gc.ts";
import { unreadableRecords } from "../core/upkeep/keptRecords.ts";
import { verify } from "./fsck.ts";
import { releaseDetails } from "./releaseDetails.ts";
import { releasesByCorpus } from "./releaseShelf.ts";
import { search } from "./search.ts";
import { type Expected, QUESTION, recordedStates, unpackState } from "./testing/recordedState.ts";
import { localSettings } from "./testing/settings.ts";

describe.each(recordedStates())("the state that was recorded on %s", (name) => {
  let home: string;
  let expected: Expected;
  let storage: Storage;
  beforeAll(async () => {
    ({ home, expected } = await unpackState(name));
    storage = await openStorage(home, null);
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("serves the same passages in the same order", async () => {
    const { release, passages } = await search(localSettings(home), QUESTION, { k: 5 });
    expect(release).toBe(expected.releases[0]);
    expect(passages.map(({ id, rank }) => ({ id, rank }))).toEqual(
      expected.passages.map(({ id, rank }) => ({ id, rank })),
    );
    for (const [at, { scores }] of passages.entries())
      expect(scores.relevance).toBeCloseTo(expected.passages[at]!.scores.relevance, 4);
  });

  it("has its ledger, its releases with their quality, and each byte", async () => {
    const [first, second] = expected.releases;
    const ledger = await storage.releases.ledger("things");
    expect(ledger.map(({ kind, release, replaced, by }) => [kind, release, replaced, by])).toEqual([
      ["promotion", first, null, "pipeline-1"],
      ["promotion", second, first, "pipeline-2"],
      ["rollback", first, second, "ada"],
    ]);
    const [shelf] = await releasesByCorpus(localSettings(home));
    expect(shelf!.releases.map(({ id, quality }) => [id, quality?.questions])).toEqual([
      [second, 12],
      [first, 12],
    ]);
    expect((await releaseDetails(localSettings(home), first)).curves!.rates).toHaveLength(51);
    expect(await storage.releases.isRetired("0123456789ab")).toBe(true);
    const { findings } = await verify({ home, artifacts: null });
    expect(findings.filter(({ severity }) => severity === "damaged")).toEqual([]);
  });

  it("has its records of answers, votes and steps", async () => {
    const { records, steps } = storage;
    const { answers, hidden } = await openAnswerRecords(records, null).list();
    expect([answers.map(({ id, question }) => [id, question]), hidden]).toEqual([
      [["ask-1", "what does a Job do?"]],
      0,
    ]);
    const labels = await acceptedLabels(new Votes(records, null), "things");
    expect(labels).toMatchObject([{ question: "what does a Job do?", passage: "p1", verdict: "up" }]);
    expect(await steps.latest("things", "ingest")).toMatchObject({ output: { ref: { bytes: expect.any(Number) } } });
  });

  it("goes on: another release is promoted after it", async () => {
    const [first, second] = expected.releases;
    const release = await storage.releases.read(second);
    await storage.releases.promote(release, { expected: first, by: "bob", reason: "again" });
    expect((await storage.releases.champion("things"))?.release).toBe(second);
  });
});

describe("state of a newer version is refused by a message with the remedy, and stays as it is", () => {
  const newer = /has format 2, and this version of Winnow reads format 1: a newer version wrote it\. Use that version/;
  const refused = (code = "CorruptArtifact") => ({ code, message: expect.stringMatching(newer) });
  let home: string;
  let releases: Expected["releases"];
  beforeEach(async () => {
    const unpacked = await unpackState(recordedStates().at(-1)!);
    home = unpacked.home;
    releases = unpacked.expected.releases;
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const whole = expect.objectContaining({
    severity: "harmless",
    problem: expect.stringMatching(newer),
    remedy: expect.stringContaining("`winnow fsck` of that version"),
  });
  /** What `winnow fsck` finds at a path. */
  const foundAt = async (path: string) =>
    (await verify({ home, artifacts: null })).findings.filter((finding) => finding.path === path);

  /** Gives a file a format that is not known here. Returns its path. */
  const raised = (path: string): string => {
    const file = join(home, path);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), schema: 2 }));
    return file;
  };
  const only = (folder: string) => join(folder, readdirSync(join(home, folder))[0]!);

  test("an entry of the ledger: nothing serves, is promoted, or removed", async () => {
    const file = raised("champions/things/000003.json");
    const storage = await openStorage(home, null);
    await expect(search(localSettings(home), QUESTION)).rejects.toMatchObject(refused());
    const second = await storage.releases.read(releases[1]);
    const change = { expected: releases[0], by: "bob", reason: "again" };
    await expect(storage.releases.promote(second, change)).rejects.toMatchObject(refused());
    expect(readdirSync(join(home, "champions", "things"))).toHaveLength(3);
    const everything = { keep: 0, graceHours: 0, inUse: [], apply: true };
    await expect(collectGarbage(home, everything)).rejects.toMatchObject(refused("BadInput"));
    expect(await foundAt(file)).toEqual([whole]);
  });

  test.each(["ingest", "build-index", "deploy"])(
    "an artifact of %s whose manifest has another format",
    async (stage) => {
      const { store } = await openStorage(home, null);
      const [{ sha256: digest }] = (await store.list(stage)) as [ArtifactRef];
      const text = readFileSync(join(home, "artifacts", stage, digest, "manifest.json"), "utf8").replace(
        '"schema": 1',
        '"schema": 2',
      );
      const renamed = sha256(text);
      renameSync(join(home, "artifacts", stage, digest), join(home, "artifacts", stage, renamed));
      writeFileSync(join(home, "artifacts", stage, renamed, "manifest.json"), text);
      const ref = { uri: `winnow:${stage}/${renamed}`, sha256: renamed, bytes: 1 };
      await expect(store.resolve(ref)).rejects.toMatchObject(refused());
      expect(await foundAt(join(home, "artifacts", stage, renamed))).toEqual([whole]);
    },
  );

  test("a release, and the files of its index", async () => {
    const { releases: known } = await openStorage(home, null);
    const { manifest } = await known.read(releases[0]);
    const next = await known.commit({ ...manifest, schema: 2 } as never);
    await expect(known.read(next.id)).rejects.toMatchObject(refused());
    expect((await known.list()).find(({ id }) => id === next.id)?.reason).toMatch(newer);
    expect(await foundAt(join(home, "artifacts", "deploy", next.ref.sha256, "release.json"))).toEqual([whole]);
    const index = only("artifacts/build-index");
    for (const name of ["bm25.json", "meta.json"]) raised(join(index, name));
    await expect(readBm25(join(home, index))).rejects.toMatchObject(refused());
    await expect(readIndexMeta(join(home, index))).rejects.toMatchObject(refused());
  });

  test("a record of an answer, an installed model; the result of a stage is computed anew", async () => {
    raised(join(only("answers"), "ask-1.json"));
    const { records, steps } = await openStorage(home, null);
    await expect(openAnswerRecords(records, null).read("ask-1")).rejects.toMatchObject(refused());
    expect((await unreadableRecords(records, null)).unreadable).toMatchObject([{ whole: "newer" }]);
    await records.create("models/a--b.json", JSON.stringify({ schema: 2, name: "a/b" }));
    await expect(openInstalledModels(records).find("a/b")).rejects.toMatchObject(refused());
    expect(await foundAt(join(home, "models", "a--b.json"))).toEqual([whole]);
    raised("steps/ingest/latest/things.json");
    expect(await steps.latest("things", "ingest")).toBeNull();
  });
});
