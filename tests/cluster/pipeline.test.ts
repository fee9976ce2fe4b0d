import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { kill } from "../faults/harness.ts";
import { type Cluster, startCluster } from "./temporal.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const POOLS = ["cpu", "gpu", "query"] as const;

let cluster: Cluster;
let client: Client;
const home = mkdtempSync(join(tmpdir(), "winnow-cluster-home-"));
const RESTART_MS = 500;
const workers = new Map<(typeof POOLS)[number], ChildProcess>();
let over = false;

beforeAll(async () => {
  cluster = await startCluster();
  client = new Client({ connection: await Connection.connect({ address: cluster.address }) });
}, 1_800_000);
afterAll(async () => {
  over = true;
  await Promise.all([...workers.values()].map((worker) => kill(worker, "SIGKILL")));
  await client?.connection.close();
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

/**
 * Runs a worker of `workers/` as an operator would, and restarts it after any exit. Temporal's SDK ends a worker whose
 * workflow code got no processor time for five seconds, which happens on a busy machine.
 */
async function supervise(pool: (typeof POOLS)[number]): Promise<void> {
  const worker = fork(join(ROOT, "workers", `${pool}.ts`), [], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env: {
      ...process.env,
      WINNOW_LOG_LEVEL: "error",
      WINNOW_HOME: home,
      TEMPORAL_ADDRESS: cluster.address,
      TEMPORAL_CONFIG_FILE: "",
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  workers.set(pool, worker);
  worker.once("exit", () => setTimeout(() => void (over || supervise(pool)), RESTART_MS));
  await new Promise((settle) => {
    worker.once("message", settle);
    worker.once("exit", settle);
  });
}

test("the sample pipeline on a multi-service Temporal server on PostgreSQL, one worker of each pool killed: completes and answers", async () => {
  await Promise.all(POOLS.map(supervise));
  const docs = { path: join(ROOT, "samples", "docs") };
  const training = { budgetMinutes: 0.5, leastSteps: 1 };
  const input = { docs, questions: join(ROOT, "samples", "questions.jsonl"), training };
  const handle = await client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: "pipeline-cluster",
    taskQueue: QUEUES.main,
    args: [input],
  });
  // The server knows the stage. Asking a worker would cost processor time, which is scarce on a busy machine.
  const known = () => handle.describe().catch(() => null);
  const stage = async () => (await known())?.searchAttributes.WinnowStage?.[0];
  await expect.poll(stage, { timeout: 3_000_000, interval: 1000 }).toBe("train");
  const killed = [...workers.values()];
  for (const worker of killed) worker.kill("SIGKILL");
  await expect.poll(() => killed.every((worker) => worker.signalCode === "SIGKILL")).toBe(true);

  const status = async () => (await known())?.status.name ?? "RUNNING";
  await expect.poll(status, { timeout: 3_000_000, interval: 1000 }).not.toBe("RUNNING");
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

  const args = [{ question: "How do I create a Kubernetes Job?" }];
  const answer = (await client.workflow.execute(WORKFLOWS.ask, {
    workflowId: "ask-cluster",
    taskQueue: QUEUES.main,
    args,
  })) as AskResult;
  expect(answer.receipt.release).toBe(result.release);
  expect(answer.citations.length).toBeGreaterThan(0);
});
