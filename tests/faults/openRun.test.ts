import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "../../client/runs.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { beside, startWinnow, WINNOW, winnow } from "./command.ts";
import { Faults, kill } from "./harness.ts";

// Runs on a server of the operator: its workers go on when a command ends.

let faults: Faults;
const hold = () => join(faults.home, "hold-embed");

beforeAll(async () => {
  faults = new Faults();
  mkdirSync(faults.home, { recursive: true });
  await faults.startServer();
  await faults.startWorker();
});
afterAll(() => faults?.end());

const run = (...more: string[]) => ["run", "--docs", faults.docs, "--name", "faults", "--budget", "0.02", ...more];

/** Runs a command that may fail. */
async function outcome(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [WINNOW, ...args], { env: beside(faults) }).then(
    (ended) => ({ code: 0, ...ended }),
    (failed) => failed,
  );
}

test("a second start ends with 4 and names the open run; runs lists it; --follow follows it; --replace cancels it first", async () => {
  writeFileSync(hold(), "");
  const first = await faults.startPipeline({}, 1);
  await faults.computePid(first, "embed");

  const refused = await outcome(run("--json"));
  expect(refused.code).toBe(4);
  expect(JSON.parse(refused.stdout)).toMatchObject({ status: "already running", workflowId: first.workflowId });
  const { runs } = await winnow<{ runs: Run[] }>(faults, ["runs"]);
  expect(runs[0]).toMatchObject({ workflowId: first.workflowId, status: "running", corpus: "faults", stage: "embed" });
  expect(runs[0]!.options).toMatchObject({ docs: faults.docs, name: "faults" });
  expect(runs[1]).toMatchObject({ status: "completed", outcome: "already running" });

  const follower = startWinnow(faults, run("--follow"));
  await expect.poll(() => follower.said()).toContain(`Run ${first.workflowId} of corpus faults`);
  expect(follower.said()).toMatch(
    /is open\. Following it to its end\.\n.*--docs .*\n.*Unlike yours: +budget [\d.]+, not 0\.02/,
  );
  expect(await kill(follower.child, "SIGINT")).toBe(130);
  expect(follower.said()).toContain("The run goes on.");
  expect((await first.describe()).status.name).toBe("RUNNING");

  const replacing = startWinnow(faults, run("--replace"));
  await expect.poll(async () => (await first.describe()).status.name).toBe("CANCELLED");
  rmSync(hold());
  await expect.poll(() => replacing.child.exitCode).toBe(0);
  expect(replacing.said()).toContain("is cancelled. A new run starts when it has ended.");
}, 180_000);

test("runs follow ends with the run's result, cancel and terminate end it, an unknown id exits with 2", async () => {
  writeFileSync(hold(), "");
  const docs = { path: faults.docs, name: "other" };
  const cancelled = await faults.startPipeline({ docs, force: ["embed"] }, 1);
  await faults.computePid(cancelled, "embed");
  expect(await winnow(faults, ["runs", "cancel", cancelled.workflowId])).toEqual({
    workflowId: cancelled.workflowId,
    status: "cancelled",
  });
  const terminated = await faults.startPipeline({ docs, force: ["embed"] }, 1);
  await faults.computePid(terminated, "embed");
  expect(await winnow(faults, ["runs", "terminate", terminated.workflowId])).toMatchObject({ status: "terminated" });
  rmSync(hold());
  const whole = await faults.startPipeline({ docs, force: ["embed"] }, 1);
  const result = await winnow<PipelineResult>(faults, ["runs", "follow", whole.workflowId]);
  expect(result).toMatchObject({ status: "completed", workflowId: whole.workflowId });
  for (const command of ["follow", "cancel", "terminate"]) {
    const unknown = await outcome(["runs", command, "pipeline-nobody"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("There is no run pipeline-nobody.")]);
  }
}, 180_000);
