import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readingOf } from "../../config/reading.ts";
import { readArtifacts } from "../../config/settings/bucket.ts";
import { QUEUES, type QueueName } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { ChampionResult } from "../../contracts/release.ts";
import { openStorage } from "../../core/storage/openStorage.ts";
import { CREDENTIALS, canServeS3, type S3Server, startS3 } from "../s3/server.ts";
import { winnow } from "./command.ts";
import { Faults, kill } from "./harness.ts";

let s3: S3Server;
let faults: Faults;
const here = canServeS3();
beforeAll(async () => {
  if (!here) return;
  s3 = await startS3();
  faults = new Faults();
  await faults.startServer();
}, 600_000);
afterAll(async () => {
  await faults?.end();
  await s3?.stop();
});

/** A separate machine: it shares only Temporal and the bucket. */
function machine(name: string) {
  const home = join(faults.folder, name);
  mkdirSync(home);
  return { ...CREDENTIALS, WINNOW_HOME: home, WINNOW_ARTIFACTS: "s3://winnow/a", WINNOW_S3_ENDPOINT: s3.endpoint };
}

function pool(name: string, queues: QueueName[]) {
  return faults.startWorker(machine(name), { queues });
}

test.skipIf(!here)(
  "pools on three machines share nothing but Temporal and a bucket: the run completes although one of each is killed",
  async () => {
    const cpu = await pool("cpu-1", [QUEUES.main, QUEUES.cpu]);
    const gpu = await pool("gpu-1", [QUEUES.gpu]);
    const query = await pool("query-1", [QUEUES.query]);
    const handle = await faults.startPipeline();
    await faults.computePid(handle);
    await Promise.all([kill(cpu, "SIGKILL"), kill(gpu, "SIGKILL"), kill(query, "SIGKILL")]);

    await pool("cpu-2", [QUEUES.main, QUEUES.cpu]);
    await pool("gpu-2", [QUEUES.gpu]);
    await pool("query-2", [QUEUES.query]);
    const result = (await handle.result()) as PipelineResult;
    expect(result).toMatchObject({ status: "completed", promoted: true });
    const published = (stage: string) => readdirSync(join(s3.folder, "a", "artifacts", stage));
    for (const stage of ["ingest", "embed", "build-index", "train", "evaluate", "deploy"])
      expect(published(stage), stage).toHaveLength(1);
    expect(readdirSync(join(s3.folder, "a", "champions", "faults"))).toEqual(["000001.json"]);

    const { result: answer } = await faults.ask("what is a Job?");
    expect(answer?.receipt.release).toBe(result.release);

    const again = (await (await faults.startPipeline()).result()) as PipelineResult;
    expect(again.stages.filter(({ name }) => name !== "deploy").map(({ skipped }) => skipped)).toEqual(
      Array(5).fill(true),
    );
  },
  180_000,
);

test.skipIf(!here)("promotion and rollback check the bucket, whatever a machine's cache holds", async () => {
  const env = machine("laptop");
  Object.assign(process.env, CREDENTIALS);
  const { releases } = await openStorage(env.WINNOW_HOME, readArtifacts(readingOf(env)));
  const first = (await releases.champion("faults"))!.release;
  const { manifest } = await releases.read(first);
  const again = async (createdAt: string) => (await releases.commit({ ...manifest, createdAt })).id;
  const [second, damaged] = [await again("2026-01-02"), await again("2026-01-03")];
  const served = async () => (await faults.ask("what is a Job?")).result?.receipt.release;

  const change = (...args: string[]) => winnow<ChampionResult>(faults, ["releases", ...args], env);
  expect(await change("promote", second)).toMatchObject({ release: second, replaced: first, changed: true });
  expect(await served()).toBe(second);
  expect(await change("rollback")).toMatchObject({ kind: "rollback", release: first, replaced: second });
  expect(await served()).toBe(first);

  rmSync(join(s3.folder, "a", "artifacts", "train", manifest.train!.sha256, "manifest.json"));
  await expect(change("promote", damaged)).rejects.toMatchObject({
    stdout: expect.stringContaining(manifest.train!.sha256.slice(0, 12)),
  });
  expect(await served()).toBe(first);
  const report = await winnow<{ clean: boolean }>(faults, ["fsck"], env).catch(({ stdout }) => JSON.parse(stdout));
  expect(report).toMatchObject({ clean: false, bucket: "s3://winnow/a" });
});
