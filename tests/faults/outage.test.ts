import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { CREDENTIALS, canServeS3, type S3Server, startS3 } from "../s3/server.ts";
import { Faults } from "./harness.ts";

const TRAIN_SECONDS = 12;

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

test.skipIf(!here)(
  "kill -9 of the S3 server in mid-run, until a stage has failed to publish: back again, the run completes and trains no step twice",
  async () => {
    const bucket = { WINNOW_ARTIFACTS: "s3://winnow/a", WINNOW_S3_ENDPOINT: s3.endpoint };
    await faults.startWorker({ ...CREDENTIALS, ...bucket });
    const handle = await faults.startPipeline({}, TRAIN_SECONDS);
    await faults.computePid(handle);
    await s3.kill();
    const failure = async () => {
      const { raw } = await handle.describe();
      const train = raw.pendingActivities?.find(({ activityType }) => activityType?.name === "train");
      return train?.lastFailure?.applicationFailureInfo?.type;
    };
    await expect.poll(failure, { timeout: 60_000 }).toBe("StoreUnavailable");
    await s3.restart();
    const result = (await handle.result()) as PipelineResult;
    expect(result).toMatchObject({ status: "completed", promoted: true });
    const train = result.stages.find(({ name }) => name === "train")!;
    expect(train.skipped).toBe(false);
    // The attempt that was recorded only published: what it trained lay in the checkpoint.
    expect(train.seconds).toBeLessThan(TRAIN_SECONDS);
    expect(readdirSync(join(s3.folder, "a", "artifacts", "train"))).toHaveLength(1);
    expect(readdirSync(join(faults.home, "checkpoints"))).toEqual([]);
    expect((await faults.ask("what is a Job?")).result?.receipt.release).toBe(result.release);
  },
  240_000,
);
