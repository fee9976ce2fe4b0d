import { afterEach, beforeEach, expect, test } from "vitest";
import { QUEUES } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { queueLoads } from "../../core/upkeep/queueLoads.ts";
import { Faults } from "./harness.ts";

const MINUTE = 60_000;

let faults: Faults;
beforeEach(async () => {
  faults = new Faults();
  await faults.startServer();
});
afterEach(() => faults.end());

test(
  "a run whose worker trains for another corpus waits its turn, since a busy worker is not a missing one",
  async () => {
    await faults.startWorker();
    const client = await faults.client();
    const corpus = (name: string, seconds: number) =>
      faults.startPipeline({ docs: { path: faults.docs, name }, until: "train" }, seconds);
    const long = await corpus("first", 150);
    await faults.computePid(long);
    const began = Date.now();
    // The second run's patience ends a minute after it reaches training. By then, no worker has polled for over 90 s.
    await new Promise((settle) => setTimeout(settle, 50_000));
    const short = await corpus("second", 0.5);
    const loads = async () => {
      const [gpu] = await queueLoads(QUEUES.gpu, "default", (request) =>
        client.workflowService.describeTaskQueue(request),
      );
      return gpu!;
    };
    await new Promise((settle) => setTimeout(settle, began + 125_000 - Date.now()));
    const own = await client.workflowService.describeTaskQueue({
      namespace: "default",
      taskQueue: { name: QUEUES.gpu },
      taskQueueType: 2,
    });
    const asked = (own.pollers ?? []).map(
      ({ lastAccessTime }) => Date.now() / 1000 - Number(lastAccessTime?.seconds ?? 0),
    );
    expect(Math.min(...asked)).toBeGreaterThan(90);
    expect(await loads()).toMatchObject({ backlog: 1, pollers: 1 });
    expect((await short.describe()).status.name).toBe("RUNNING");
    expect(await long.result()).toMatchObject({ status: "completed" });
    const { stages } = (await short.result()) as PipelineResult;
    expect(stages.at(-1)).toMatchObject({ name: "train", skipped: false });
  },
  5 * MINUTE,
);
