import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress, PipelineResult } from "../../contracts/pipeline.ts";
import { kill } from "../faults/harness.ts";
import { type Cluster, startCluster } from "./temporal.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const POOLS = ["cpu", "gpu", "query"] as const;

let cluster: Cluster;
let client: Client;
const home = mkdtempSync(join(tmpdir(), "winnow-cluster-home-"));
const workers: ChildProcess[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  client = new Client({ connection: await Connection.connect({ address: cluster.address }) });
}, 1_800_000);
afterAll(async () => {
  await Promise.all(workers.map((worker) => kill(worker, "SIGKILL")));
  await client?.connection.close();
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A worker of `workers/`, as an operator starts it. */
async function start(pool: (typeof POOLS)[number]): Promise<ChildProcess> {
  const worker = fork(join(ROOT, "workers", `${pool}.ts`), [], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env: { ...process.env, WINNOW_LOG_LEVEL: "error", WINNOW_HOME: home, TEMPORAL_ADDRESS: cluster.address },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  workers.push(worker);
  await new Promise((settle, fail) => {
    worker.once("message", settle);
    worker.once("exit", (code) => fail(new Error(`the ${pool} worker ended at start (${code})`)));
  });
  return worker;
}

test("the sample pipeline on a multi-service Temporal server on PostgreSQL, one worker of each pool killed: completes and answers", async () => {
  const first = await Promise.all(POOLS.map(start));
  const docs = { path: join(ROOT, "samples", "docs") };
  const input = { docs, questions: join(ROOT, "samples", "questions.jsonl"), training: { budgetMinutes: 0.5 } };
  const handle = await client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: "pipeline-cluster",
    taskQueue: QUEUES.main,
    args: [input],
  });
  const stage = async () => (await handle.query<PipelineProgress>("progress").catch(() => null))?.stage;
  await expect.poll(stage, { timeout: 1_200_000, interval: 500 }).toBe("train");
  await Promise.all(first.map((worker) => kill(worker, "SIGKILL")));
  await Promise.all(POOLS.map(start));

  const result = (await handle.result()) as PipelineResult;
  expect(result).toMatchObject({ status: "completed", promoted: true });
  expect(result.stages).toHaveLength(6);
  const listed: string[] = [];
  const found = async () => {
    for await (const run of client.workflow.list({ query: `WinnowCorpus = "${result.corpus}"` }))
      listed.push(run.workflowId);
    return listed;
  };
  await expect.poll(found, { timeout: 60_000 }).toContain("pipeline-cluster");

  const args = [{ question: "how do I run a one-off task to completion?" }];
  const answer = (await client.workflow.execute(WORKFLOWS.ask, {
    workflowId: "ask-cluster",
    taskQueue: QUEUES.main,
    args,
  })) as AskResult;
  expect(answer.receipt.release).toBe(result.release);
  expect(answer.citations.length).toBeGreaterThan(0);
});
