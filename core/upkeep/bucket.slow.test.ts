import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CREDENTIALS, canServeS3, type S3Server, startS3 } from "../../tests/s3/server.ts";
import { openInstalledModels } from "../models/installed.ts";
import { recordOf } from "../records/answerKeeper.ts";
import { openAnswerRecords } from "../records/answers.ts";
import { finished, KEYS } from "../records/testing/finished.ts";
import { Votes } from "../records/votes.ts";
import { openStorage } from "../storage/openStorage.ts";
import type { S3Settings } from "../storage/s3/bucketUrl.ts";
import { collectBucketGarbage, fsckBucket } from "./bucket.ts";
import { stateFolder, type TunedRelease } from "./testing/homeFixture.ts";

const here = canServeS3();
const before = { ...process.env };
const homes: string[] = [];
let server: S3Server;
beforeAll(async () => {
  if (!here) return;
  server = await startS3();
  Object.assign(process.env, CREDENTIALS);
}, 600_000);
afterEach(() => Promise.all(homes.splice(0).map((home) => rm(home, { recursive: true, force: true }))));
afterAll(async () => {
  process.env = before;
  await server?.stop();
});

const options = { keep: 1, graceHours: 0, inUse: [], apply: true };

/** A bucket with five releases; the first three served, the third is champion. */
async function history() {
  const s3: S3Settings = {
    ...{ bucket: "winnow", prefix: `state/${randomUUID()}`, endpoint: server.endpoint, region: "us-east-1" },
    cacheBytes: 2 ** 30,
  };
  const home = await mkdtemp(join(tmpdir(), "winnow-machine-"));
  homes.push(home);
  const storage = await openStorage(home, s3);
  const state = stateFolder(home, storage);
  const made: TunedRelease[] = [];
  for (let n = 1; n <= 5; n++) made.push(await state.release(n));
  for (const n of [0, 1, 2]) await state.promote(made[n]!);
  const folderOf = (uri: string) => join(server.folder, s3.prefix, "artifacts", uri.replace("winnow:", ""));
  return { ...state, ...storage, s3, made, folderOf };
}

describe.skipIf(!here)("the state in a bucket", () => {
  test("is clean when new; fsck names later damage and losses, and the releases affected", async () => {
    const { s3, made, folderOf } = await history();
    const clean = await fsckBucket(s3);
    expect(clean).toMatchObject({ clean: true, findings: [], checked: { releases: 5, ledger: 3, steps: 6 } });
    expect(clean.checked.artifacts).toBe(40);
    const { train, evaluate } = made[2]!.manifest;
    appendFileSync(join(folderOf(train.uri), "part"), "x");
    rmSync(folderOf(evaluate.uri), { recursive: true });
    const { findings, ...report } = await fsckBucket(s3);
    expect(report.clean).toBe(false);
    // A machine with an intact copy would continue with it.
    const forced = (stage: string) => expect.stringContaining(`--name k8s --force ${stage}:`);
    expect(findings.filter(({ severity }) => severity === "damaged")).toMatchObject([
      {
        path: `s3://winnow/${s3.prefix}/artifacts/train/${train.sha256}`,
        releases: [made[2]!.id],
        remedy: forced("train"),
      },
      {
        path: `s3://winnow/${s3.prefix}/artifacts/evaluate/${evaluate.sha256}`,
        releases: [made[2]!.id],
        remedy: forced("evaluate"),
      },
    ]);
  });

  test("loses only what nothing needs; a dry run reports the same and removes nothing", async () => {
    const { s3, made, releases, store, folderOf } = await history();
    const told = await collectBucketGarbage(s3, { ...options, apply: false });
    expect(told.applied).toBe(false);
    expect((await fsckBucket(s3)).checked.artifacts).toBe(40);
    const report = await collectBucketGarbage(s3, options);
    expect({ ...report, applied: false }).toEqual(told);
    expect(report.retired).toEqual([made[0]!.id]);
    expect(report.bytes).toBeGreaterThan(0);
    const whole = (release: TunedRelease) =>
      store.verify(release.manifest.train).then(
        () => true,
        () => false,
      );
    expect(await Promise.all(made.map(whole))).toEqual([false, true, true, false, true]);
    expect(existsSync(folderOf(made[0]!.manifest.train.uri))).toBe(false);
    expect(await releases.isRetired(made[0]!.id)).toBe(true);
    expect(await releases.ledger()).toHaveLength(3);
    expect(await fsckBucket(s3)).toMatchObject({ clean: true, findings: [] });
    expect(await collectBucketGarbage(s3, options)).toMatchObject({ removals: [], retired: [] });
  });

  test("keeps recently published artifacts and those in use by a run", async () => {
    const { s3, made } = await history();
    expect((await collectBucketGarbage(s3, { ...options, graceHours: 48 })).removals).toEqual([]);
    const inUse = [made[3]!.manifest.train.sha256];
    const { removals } = await collectBucketGarbage(s3, { ...options, inUse });
    expect(removals.some(({ path }) => path.includes(inUse[0]!))).toBe(false);
    expect(removals.some(({ path }) => path.includes(made[3]!.manifest.evaluate.sha256))).toBe(true);
  });

  test("holds installed models for every machine, and gc leaves them until they are removed", async () => {
    const { s3, records, artifact } = await history();
    const kept = await artifact("model", { "config.json": "{}" });
    const models = openInstalledModels(records);
    await models.put({
      ...{ name: "org/kept", kind: "embedder", family: "bert", dimensions: 2, maxTokens: 8, pooling: "mean" },
      ...{ prefixes: null, licence: null, bytes: 1, parameters: 1, source: { from: "folder" }, installedAt: "" },
      artifact: kept,
    });
    const other = await mkdtemp(join(tmpdir(), "winnow-machine-"));
    homes.push(other);
    const elsewhere = await openStorage(other, s3);
    const found = await openInstalledModels(elsewhere.records).find("kept");
    expect(await elsewhere.store.resolve(found!.artifact)).toMatch(kept.sha256);
    await collectBucketGarbage(s3, options);
    await elsewhere.store.verify(kept);
    await models.remove("org/kept");
    expect(await openInstalledModels(elsewhere.records).list()).toEqual([]);
    await collectBucketGarbage(s3, options);
    await expect(elsewhere.store.verify(kept)).rejects.toThrow(/is missing/);
  });

  test("holds records of answers and votes, sealed; gc removes them by age, and fsck names one that is damaged", async () => {
    const { s3, records } = await history();
    const answers = openAnswerRecords(records, KEYS);
    const [old, young] = ["2026-01-05T10:00:00.000Z", new Date().toISOString()];
    for (const at of [old, young]) await answers.write(recordOf(finished(`ask-${at.slice(0, 10)}`, at), true));
    const votes = new Votes(records, KEYS);
    const { id } = await votes.add({
      ...{ at: old, answer: "ask-1", vote: "up", passage: null, place: null, comment: null, voter: null },
      ...{ corpus: "docs", release: "r1", kind: "extractive", cited: ["p1"], questionDigest: null },
    });
    expect(await answers.list()).toMatchObject({ answers: [{ at: young }, { at: old }], hidden: 0 });
    expect(await fsckBucket(s3, KEYS)).toMatchObject({ clean: true, findings: [], checked: { records: 3 } });
    const asked = { ...options, graceHours: 48, records: { days: 90, keys: KEYS } };
    const told = await collectBucketGarbage(s3, { ...asked, apply: false });
    expect(told.removals.map(({ what, path }) => [what, path])).toEqual([
      ["answers", `s3://winnow/${s3.prefix}/answers/2026-01-05`],
      ["vote", `s3://winnow/${s3.prefix}/votes/2026-01-05/${id}.json`],
    ]);
    expect(told.bytes).toBeGreaterThan(1000);
    expect((await collectBucketGarbage(s3, asked)).bytes).toBe(told.bytes);
    expect((await answers.list()).answers.map(({ at }) => at)).toEqual([young]);
    expect((await votes.list()).votes).toEqual([]);
    await records.replace(`answers/${young.slice(0, 10)}/ask-broken.json`, "{");
    expect(await fsckBucket(s3, KEYS)).toMatchObject({
      clean: false,
      findings: [{ path: expect.stringContaining("ask-broken.json"), problem: "cannot be read" }],
    });
  });
});
