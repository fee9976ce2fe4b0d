import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPipeline } from "../../cli/commands/run.ts";
import { QUEUES, WORKER_SHUTDOWN, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { startTestServer } from "../server.ts";
import { type Stage, stage, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function run(play: Stage, input: object): Promise<PipelineResult> {
  const args = [{ docs: { path: docs, name: workflowId("corpus") }, ...input }];
  const options = { workflowId: workflowId("pipeline"), taskQueue: QUEUES.main, args };
  return withWorkers(env, play, () =>
    env.client.workflow.execute<(input: object) => Promise<PipelineResult>>(WORKFLOWS.pipeline, options as never),
  );
}

test("workers that shut down under a stage are no failure of it, however often", async () => {
  let drains = 6;
  const play = stage({
    during: {
      buildIndex: () => {
        if (drains-- > 0) throw ApplicationFailure.retryable("The worker shuts down", WORKER_SHUTDOWN);
      },
    },
  });
  const result = await run(play, { until: "build-index" });
  expect(result.status).toBe("completed");
  expect(play.calls.filter((call) => call === "buildIndex")).toHaveLength(7);
});

test("a stage that fails for a reason of its own is tried five times", async () => {
  const play = stage({
    during: {
      buildIndex: () => {
        throw ApplicationFailure.retryable("no such luck", "ComputeCrashed");
      },
    },
  });
  await expect(run(play, { until: "build-index" })).rejects.toThrow();
  expect(play.calls.filter((call) => call === "buildIndex")).toHaveLength(5);
});

test("two runs of one name, started by the command in the same second, are two runs", async () => {
  const name = workflowId("corpus");
  const play = stage({ during: { ingest: () => new Promise((settle) => setTimeout(settle, 2000)) } });
  const told = await withWorkers(env, play, () =>
    Promise.all([1, 2].map(() => runPipeline(env.client, { docs, name, until: "ingest" }))),
  );
  expect(told.map(({ status }) => status).sort()).toEqual(["already running", "completed"]);
  const [done, other] = told[0]!.status === "completed" ? told : [...told].reverse();
  expect(other!.workflowId).toBe(done!.workflowId);
});
