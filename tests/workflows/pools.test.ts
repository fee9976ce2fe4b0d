import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asWinnowError } from "../../client/outcome.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { startTestServer } from "../server.ts";
import { type Stage, stage, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let servers: TestWorkflowEnvironment[];
beforeAll(async () => {
  // One server for each test, since two deployments cannot share queues.
  servers = await Promise.all([startTestServer(), startTestServer(), startTestServer()]);
});
afterAll(async () => {
  for (const server of servers ?? []) await server.teardown();
});

function start({ client }: TestWorkflowEnvironment) {
  return client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: workflowId("pipeline"),
    taskQueue: QUEUES.main,
    args: [{ docs: { path: docs, name: "docs" } }],
  });
}

/** Runs with all pools except gpu. */
function withoutGpu<T>(server: TestWorkflowEnvironment, play: Stage, work: () => Promise<T>): Promise<T> {
  return withWorkers(server, play, work, [QUEUES.main, QUEUES.cpu, QUEUES.query]);
}

test.concurrent("a run without a training worker for a minute fails and names the pool; with an on-demand pool it waits", async () => {
  const [plain, scaled] = servers as [TestWorkflowEnvironment, TestWorkflowEnvironment];
  const failed = withoutGpu(plain, stage(), async () => {
    const began = Date.now();
    let failure = await (await start(plain)).result().catch((error) => error);
    while (failure.cause instanceof Error) failure = failure.cause;
    return { failure, seconds: (Date.now() - began) / 1000 };
  });
  const play = stage({ onDemand: [QUEUES.gpu] });
  const waited = withoutGpu(scaled, play, async () => {
    const handle = await start(scaled);
    await failed;
    // As long as looking for pollers and failing would take.
    await new Promise((settle) => setTimeout(settle, 10_000));
    const before = (await handle.describe()).status.name;
    return { before, result: await withWorkers(scaled, play, () => handle.result(), [QUEUES.gpu]) };
  });
  const { failure, seconds } = await failed;
  expect(failure).toMatchObject({
    type: "NoWorker",
    nonRetryable: true,
    message: expect.stringMatching(/^No worker polls winnow-gpu\. Start the gpu pool with .*workers\/gpu\.ts/),
  });
  expect(seconds).toBeGreaterThan(60);
  expect(await waited).toMatchObject({ before: "RUNNING", result: { promoted: true } });
}, 180_000);

test.concurrent("a question whose workers fall silent three times fails by name, and a caller may ask again", async () => {
  const [, , server] = servers as [unknown, unknown, TestWorkflowEnvironment];
  const play = stage();
  // Longer than the heartbeat's timeout.
  play.during.respond = () => delay(12_000);
  const asked = withWorkers(server, play, () =>
    server.client.workflow.execute(WORKFLOWS.ask, {
      workflowId: workflowId("ask"),
      taskQueue: QUEUES.main,
      args: [{ question: "what is a pod?" }],
    }),
  );
  const error = asWinnowError(await asked.catch((thrown) => thrown));
  expect(error).toMatchObject({
    code: "ComputeCrashed",
    message: expect.stringMatching(/ended or was too busy.*Ask again/),
  });
  expect(play.calls.filter((name) => name === "respond")).toHaveLength(3);
}, 180_000);
