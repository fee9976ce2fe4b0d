import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PipelineProgress, PipelineResult } from "../../contracts/pipeline.ts";
import { eventsOf, type Received } from "../../http/testing/events.ts";
import { CREDENTIALS, canServeS3, type S3Server, startS3 } from "../s3/server.ts";
import { Faults, kill } from "./harness.ts";
import { openApp } from "./servedApi.ts";

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

/** Settings of artifacts in the bucket. `home` gives a state folder of its own. */
function bucket(home?: string): Record<string, string> {
  const folder: Record<string, string> = home ? { WINNOW_HOME: join(faults.folder, home) } : {};
  return { ...CREDENTIALS, WINNOW_ARTIFACTS: "s3://winnow/a", WINNOW_S3_ENDPOINT: s3.endpoint, ...folder };
}

/** Starts a worker with artifacts in the bucket. */
const startWorker = (home?: string) => faults.startWorker(bucket(home));

/** The API with artifacts in the bucket, on a state folder of its own. */
async function openApi() {
  const { doors, app } = await openApp(faults, bucket("api"));
  return {
    close: () => doors.close(),
    async events(question: string): Promise<Received[]> {
      const headers = { host: "localhost", "content-type": "application/json", accept: "text/event-stream" };
      const response = await app.request("/v1/ask", { method: "POST", headers, body: JSON.stringify({ question }) });
      const received: Received[] = [];
      for await (const event of eventsOf(response)) received.push(event);
      return received;
    },
  };
}

test.skipIf(!here)(
  "kill -9 of the S3 server in mid-run, until a stage has failed to publish: the run reports what it waits for; afterwards it completes and trains no step twice",
  async () => {
    const worker = await startWorker();
    const handle = await faults.startPipeline({}, TRAIN_SECONDS);
    await faults.computePid(handle);
    await s3.kill();
    const note = async () => (await handle.query<PipelineProgress>("progress")).note;
    await expect
      .poll(note, { timeout: 60_000 })
      .toMatch(/^The store of artifacts has been away since .* s3:\/\/winnow\/a/);
    await s3.restart();
    const result = (await handle.result()) as PipelineResult;
    expect(result).toMatchObject({ status: "completed", promoted: true });
    const train = result.stages.find(({ name }) => name === "train")!;
    expect(train.skipped).toBe(false);
    // The recorded attempt only published: its training was already in the checkpoint.
    expect(train.seconds).toBeLessThan(TRAIN_SECONDS);
    expect(readdirSync(join(s3.folder, "a", "artifacts", "train"))).toHaveLength(1);
    expect(readdirSync(join(faults.home, "checkpoints"))).toEqual([]);
    await kill(worker, "SIGTERM");
  },
  240_000,
);

test.skipIf(!here)(
  "questions are answered by the last known champion while the S3 server is down; without one, they and their streams fail in time with the reason",
  async () => {
    const worker = await startWorker("questions");
    const { result } = await faults.ask("what is a Job?");
    expect(result?.kind).toBe("extractive");
    await s3.kill();
    const during = await faults.ask("what does a Job do?");
    expect(during.result).toMatchObject({ kind: "extractive", receipt: { release: result!.receipt.release } });

    await kill(worker, "SIGKILL");
    const fresh = await startWorker("fresh");
    const began = Date.now();
    const { failure } = await faults.ask("what is a Job?");
    expect(failure).toMatchObject({ type: "StoreUnavailable", message: expect.stringContaining("s3://winnow/a") });
    expect(Date.now() - began).toBeLessThan(30_000);
    const api = await openApi();
    const [, error] = await api.events("what is a Job?");
    expect(error).toMatchObject({ event: "error", data: { code: "StoreUnavailable", retryAfter: 15 } });
    await s3.restart();
    expect((await faults.ask("what is a Job?")).result?.receipt.release).toBe(result!.receipt.release);
    const after = await api.events("what is a Job?");
    expect(after.map(({ event }) => event)).toEqual(["accepted", "passages", "answer"]);
    await api.close();
    await kill(fresh, "SIGTERM");
  },
  240_000,
);
