import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancelledFailure } from "@temporalio/common";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { isAlive } from "../isAlive.ts";
import { startWinnow } from "./command.ts";
import { Faults, kill } from "./harness.ts";

let faults: Faults;
beforeEach(async () => {
  faults = new Faults();
  await faults.startServer();
});
afterEach(() => faults.end());

/** Step from which the completed training started; none is NaN. */
async function resumedFrom({ artifacts }: PipelineResult): Promise<number> {
  return Number(readFileSync(join(await faults.store.resolve(artifacts.train!), "resumed-from"), "utf8"));
}

test("kill -9 of the worker mid-train: no orphan; the next worker resumes at the checkpoint and the run completes", async () => {
  const worker = await faults.startWorker();
  const handle = await faults.startPipeline();
  const trainer = await faults.computePid(handle);
  await kill(worker, "SIGKILL");
  await expect.poll(() => isAlive(trainer), { timeout: 5000 }).toBe(false);
  expect(faults.artifacts("train").published).toEqual([]);

  await faults.startWorker();
  const result = (await handle.result()) as PipelineResult;
  expect(result).toMatchObject({ status: "completed", promoted: true });
  expect(result.stages.map(({ skipped }) => skipped)).toEqual([false, false, false, false, false, false]);
  expect(await resumedFrom(result)).toBeGreaterThan(0);
  for (const stage of ["ingest", "embed", "build-index", "train", "evaluate", "deploy"])
    expect(faults.artifacts(stage).published).toHaveLength(1);
});

test("kill -9 of the trainer process: the worker lives and resumes it at the checkpoint", async () => {
  const worker = await faults.startWorker();
  const handle = await faults.startPipeline({ until: "train" });
  process.kill(await faults.computePid(handle), "SIGKILL");
  const result = (await handle.result()) as PipelineResult;
  expect(result.stages.at(-1)).toMatchObject({ name: "train", skipped: false });
  expect(isAlive(worker.pid!)).toBe(true);
  const folder = await faults.store.resolve(result.artifacts.train!);
  expect(readFileSync(join(folder, "weights"), "utf8")).toBe("the same, however often it was interrupted");
  expect(await resumedFrom(result)).toBeGreaterThan(0);
  expect(faults.artifacts("train").drafts).toEqual([]);
});

test("SIGTERM mid-train: drained, exit 0, no child left; another worker continues at once", async () => {
  const worker = await faults.startWorker();
  const handle = await faults.startPipeline({ until: "train" });
  const trainer = await faults.computePid(handle);
  const began = Date.now();
  expect(await kill(worker, "SIGTERM")).toBe(0);
  expect(Date.now() - began).toBeLessThan(15_000);
  expect(isAlive(trainer)).toBe(false);
  expect(faults.artifacts("train")).toEqual({ published: [], drafts: [] });
  await faults.startWorker();
  expect(await handle.result()).toMatchObject({ status: "completed" });
});

test("cancel mid-train: noticed within 5 s, the child gone, nothing half-published", async () => {
  await faults.startWorker();
  const handle = await faults.startPipeline();
  const trainer = await faults.computePid(handle);
  const began = Date.now();
  await handle.cancel();
  const failure = await handle.result().catch((error) => error);
  expect(failure.cause).toBeInstanceOf(CancelledFailure);
  expect(Date.now() - began).toBeLessThan(5000);
  expect(isAlive(trainer)).toBe(false);
  expect(faults.artifacts("train")).toEqual({ published: [], drafts: [] });
});

test("cancel while it embeds: noticed within 5 s, the child gone, nothing half-published", async () => {
  mkdirSync(faults.home, { recursive: true });
  writeFileSync(join(faults.home, "hold-embed"), "");
  await faults.startWorker();
  const handle = await faults.startPipeline();
  const embedder = await faults.computePid(handle, "embed");
  const began = Date.now();
  await handle.cancel();
  const failure = await handle.result().catch((error) => error);
  expect(failure.cause).toBeInstanceOf(CancelledFailure);
  expect(Date.now() - began).toBeLessThan(5000);
  expect(isAlive(embedder)).toBe(false);
  expect(faults.artifacts("embed")).toEqual({ published: [], drafts: [] });
});

test("Ctrl-C of `winnow run` cancels the run, waits until its child is gone, and exits with 130", async () => {
  mkdirSync(faults.home, { recursive: true });
  writeFileSync(join(faults.home, "hold-embed"), "");
  await faults.startWorker();
  const command = startWinnow(faults, ["run", "--docs", faults.docs, "--name", "faults"]);
  const client = await faults.client();
  const running = async () => {
    for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "pipeline"' })) return workflowId;
    return null;
  };
  await expect.poll(async () => `${await running()} ${command.said()}`).toMatch(/^pipeline-/);
  const handle = client.workflow.getHandle((await running())!);
  const embedder = await faults.computePid(handle, "embed");
  expect(await kill(command.child, "SIGINT")).toBe(130);
  expect(command.said()).toMatch(/^cancelling the run…$/m);
  expect(command.said()).not.toMatch(/\n\s+at /);
  expect((await handle.describe()).status.name).toBe("CANCELLED");
  expect(isAlive(embedder)).toBe(false);
  expect(faults.artifacts("embed")).toEqual({ published: [], drafts: [] });
});

test("a zombie: an attempt stopped past its heartbeat timeout wakes after the run has ended, and publishes nothing", async () => {
  const stopped = await faults.startWorker();
  // Long enough for a slow machine to stop the training before it completes.
  const handle = await faults.startPipeline({}, 20);
  const trainer = await faults.computePid(handle);
  for (const pid of [stopped.pid!, trainer]) process.kill(pid, "SIGSTOP");
  await faults.startWorker();
  const result = (await handle.result()) as PipelineResult;
  expect(result).toMatchObject({ status: "completed", promoted: true });
  const ledger = await faults.releases.ledger();
  for (const pid of [stopped.pid!, trainer]) process.kill(pid, "SIGCONT");
  await expect.poll(() => isAlive(trainer), { timeout: 60_000 }).toBe(false);
  await expect.poll(() => faults.artifacts("train").drafts, { timeout: 60_000 }).toEqual([]);
  expect(faults.artifacts("train").published).toEqual([result.artifacts.train!.sha256]);
  expect(await faults.releases.ledger()).toEqual(ledger);
  expect(isAlive(stopped.pid!)).toBe(true);
}, 300_000);

test("kill -9 of the Temporal server mid-train, restart on its file: the run completes, each artifact written once", async () => {
  await faults.startWorker();
  const handle = await faults.startPipeline();
  await faults.computePid(handle);
  await faults.killServer();
  await faults.startServer();
  const again = (await faults.client()).workflow.getHandle(handle.workflowId);
  expect(await again.result()).toMatchObject({ status: "completed", promoted: true });
  for (const stage of ["ingest", "train", "deploy"]) expect(faults.artifacts(stage).published).toHaveLength(1);
  expect(await faults.releases.ledger()).toHaveLength(1);
});

test("Temporal down at start: one clear message and no stack trace, ready once it is up", async () => {
  await faults.killServer();
  const worker = await faults.startWorker({}, { ready: false });
  let ready = false;
  worker.once("message", () => {
    ready = true;
  });
  await faults.until(worker, () => /does not answer/.test(faults.log));
  await new Promise((settle) => setTimeout(settle, 4000));
  expect(ready).toBe(false);
  expect(faults.log.match(/Temporal does not answer at 127\.0\.0\.1/g)).toHaveLength(1);
  expect(faults.log).not.toMatch(/\n\s+at /);
  await faults.startServer();
  await faults.until(worker, () => ready);
});

test("Temporal down at start: SIGTERM ends the wait with exit 0", async () => {
  await faults.killServer();
  const worker = await faults.startWorker({}, { ready: false });
  await faults.until(worker, () => /does not answer/.test(faults.log));
  expect(await kill(worker, "SIGTERM")).toBe(0);
});
