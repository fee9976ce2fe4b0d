import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { Worker } from "@temporalio/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPipeline } from "../../client/run.ts";
import { QUEUES, WORKER_SHUTDOWN, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress, PipelineResult } from "../../contracts/pipeline.ts";
import { startTestServer } from "../server.ts";
import { type Stage, stage, untilCancelled, withWorkers, workflowId } from "./stubs.ts";

const POLL = { timeout: 60_000 };

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

test("worker shutdowns during a stage, however many, are not failures of the stage", async () => {
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

test("drains and outages do not use up a stage's attempts", async () => {
  const story = ["StoreUnavailable", "ComputeCrashed", WORKER_SHUTDOWN, "VectorServerUnavailable", "ComputeCrashed"];
  const play = stage({
    during: {
      buildIndex: () => {
        const type = story.shift();
        if (type) throw ApplicationFailure.retryable("not now", type);
      },
    },
  });
  const result = await run(play, { until: "build-index" });
  expect(result.status).toBe("completed");
  expect(play.calls.filter((call) => call === "buildIndex")).toHaveLength(6);
});

test("a run reports an unavailable store, its start and the next attempt, only while it lasts", async () => {
  let away = true;
  const play = stage({
    during: {
      buildIndex: () => {
        if (away) throw ApplicationFailure.retryable("s3://winnow/a: ECONNREFUSED", "StoreUnavailable");
      },
      train: untilCancelled,
    },
  });
  const options = { workflowId: workflowId("pipeline"), taskQueue: QUEUES.main };
  await withWorkers(env, play, async () => {
    const args = [{ docs: { path: docs, name: workflowId("corpus") } }];
    const handle = await env.client.workflow.start(WORKFLOWS.pipeline, { ...options, args });
    const note = async () => (await handle.query<PipelineProgress>("progress")).note;
    await expect
      .poll(note, POLL)
      .toMatch(
        /^The store of artifacts has been away since \d\d:\d\d:\d\d UTC: asked again at .*, given up after 20 min more of waiting\. s3:\/\/winnow\/a: ECONNREFUSED$/,
      );
    away = false;
    await expect.poll(() => play.calls.includes("train"), POLL).toBe(true);
    expect(await note()).toBeNull();
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
  });
});

test("the verdict and the promotion wait for a store as well", async () => {
  const outages = { decideRelease: 1, promote: 1 };
  const once = (name: keyof typeof outages) => () => {
    if (outages[name]-- > 0) throw ApplicationFailure.nonRetryable("not now", "StoreUnavailable");
  };
  const play = stage({ during: { decideRelease: once("decideRelease"), promote: once("promote") } });
  expect(await run(play, {})).toMatchObject({ status: "completed", promoted: true });
  expect(play.calls.filter((call) => call === "promote")).toHaveLength(2);
});

/** The failure of a workflow of impatient.ts, whose activity is `ask`; undefined if it completes. */
async function failureOf(workflow: "impatient" | "forbearing", ask: () => Promise<void> | void): Promise<unknown> {
  const taskQueue = workflowId(workflow);
  const workflowsPath = fileURLToPath(new URL("./impatient.ts", import.meta.url));
  const activities = { ask };
  const worker = await Worker.create({ connection: env.nativeConnection, taskQueue, workflowsPath, activities });
  const done = env.client.workflow.execute(workflow, { taskQueue, workflowId: taskQueue });
  return worker.runUntil(
    done.then(
      () => undefined,
      (error) => error.cause,
    ),
  );
}

test("a store that stays down ends the wait with a remedy", async () => {
  const failure = await failureOf("impatient", () => {
    throw ApplicationFailure.retryable("s3://winnow/a: ECONNREFUSED", "StoreUnavailable");
  });
  expect(failure).toMatchObject({ type: "StoreUnavailable", nonRetryable: true });
  expect((failure as Error).message).toMatch(
    /^The store of artifacts has been away since .* UTC, and stayed so for 2 s of waiting\. .* start the run again when the store answers\. s3:\/\/winnow\/a: ECONNREFUSED$/,
  );
});

test("work whose workers fell silent is begun again twice, and no oftener", async () => {
  const silent = () => new Promise<void>((settle) => setTimeout(settle, 2500));
  let begun = 0;
  expect(await failureOf("forbearing", () => (++begun < 3 ? silent() : undefined))).toBeUndefined();
  expect(begun).toBe(3);
  begun = 0;
  const failure = await failureOf("forbearing", () => {
    begun++;
    return silent();
  });
  expect(failure).toMatchObject({ cause: { timeoutType: "HEARTBEAT" } });
  expect(begun).toBe(3);
});

test("a stage that fails by itself is tried five times", async () => {
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

test("two runs of one name, started by the command in the same second, are separate", async () => {
  const name = workflowId("corpus");
  const play = stage({ during: { ingest: () => new Promise((settle) => setTimeout(settle, 2000)) } });
  const told = await withWorkers(env, play, () =>
    Promise.all([1, 2].map(() => runPipeline(env.client, { docs, name, until: "ingest" }))),
  );
  expect(told.map(({ status }) => status).sort()).toEqual(["already running", "completed"]);
  const [done, other] = told[0]!.status === "completed" ? told : [...told].reverse();
  expect(other!.workflowId).toBe(done!.workflowId);
});
