import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUEUES, type QueueName } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { CREDENTIALS, canServeS3, type S3Server, startS3 } from "../s3/server.ts";
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

/** A pool on a machine of its own: nothing is shared but Temporal and the bucket. */
function pool(name: string, queues: QueueName[]) {
  const home = join(faults.folder, name);
  mkdirSync(home);
  const env = { ...CREDENTIALS, WINNOW_HOME: home, WINNOW_ARTIFACTS: "s3://winnow/a", WINNOW_S3_ENDPOINT: s3.endpoint };
  return faults.startWorker(env, { queues });
}

test.skipIf(!here)(
  "pools on three machines share nothing but Temporal and a bucket: the run completes though one of each is killed",
  async () => {
    const cpu = await pool("cpu-1", [QUEUES.main, QUEUES.cpu]);
    const gpu = await pool("gpu-1", [QUEUES.gpu]);
    const query = await pool("query-1", [QUEUES.query]);
    const handle = await faults.startPipeline();
    await faults.trainerPid(handle);
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
