import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { WorkflowHandle } from "@temporalio/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { temporalBinary } from "../server.ts";
import { Faults } from "./harness.ts";

const WAIT = { timeout: 60_000, interval: 500 };

let faults: Faults;
beforeAll(async () => {
  faults = new Faults();
  await faults.startServer();
});
afterAll(() => faults?.end());

const startBuild = (buildId: string) => faults.startWorker({ WINNOW_DEPLOYMENT: "winnow", WINNOW_BUILD_ID: buildId });

/** Makes a build current, as an operator would. The server knows a build once its workers have polled. */
async function setCurrent(buildId: string): Promise<void> {
  const version = ["--deployment-name", "winnow", "--build-id", buildId, "--yes"];
  const args = ["worker", "deployment", "set-current-version", ...version, "--address", `127.0.0.1:${faults.port}`];
  const done = () =>
    promisify(execFile)(temporalBinary(), args).then(
      () => "done",
      (error) => String(error.stderr),
    );
  await expect.poll(done, WAIT).toBe("done");
}

async function buildOf(handle: WorkflowHandle): Promise<string | null | undefined> {
  const { raw } = await handle.describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

test("a run stays on the build it began with, and later starts go to the new one", async () => {
  await startBuild("one");
  await setCurrent("one");
  await (await faults.startPipeline({}, 0.5)).result();
  const run = await faults.startPipeline({ force: ["train"] }, 15);
  await faults.computePid(run);
  await startBuild("two");
  await setCurrent("two");
  const asked = await faults.ask("what does a Job do?");
  expect(asked.result).toMatchObject({ kind: "extractive" });
  expect(await buildOf(asked.handle)).toBe("two");
  expect(((await run.result()) as PipelineResult).status).toBe("completed");
  expect(await buildOf(run)).toBe("one");
});
