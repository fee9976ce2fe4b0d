import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../client/runs.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { isAlive } from "../isAlive.ts";
import { freshHome, winnow, winnowJson } from "./command.ts";
import { leftovers, SMALL_DOCS, stack, startWinnow } from "./stageSignals.ts";

const run = (budget: string, ...more: string[]) => [
  ...["run", "--docs", SMALL_DOCS, "--name", "small", "--until", "train"],
  ...["--budget", budget, ...more],
];

describe("a run is never lost", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterAll(() => remove());

  /** Starts a run and kills command, workers and server in its training, as a power cut would. */
  async function cut(args: string[]): Promise<string> {
    const { child, said, gone } = startWinnow(home, args);
    await expect.poll(said, { timeout: 120_000, interval: 50 }).toContain("… train");
    const { serverPid, workerPid } = stack(home);
    for (const pid of [child.pid!, workerPid, serverPid]) process.kill(pid, "SIGKILL");
    await gone;
    const { runs } = await winnowJson<{ runs: Run[] }>(home, ["runs"]);
    expect(runs[0]).toMatchObject({ status: "running", corpus: "small", stage: "train" });
    return runs[0]!.workflowId;
  }

  it("after a power cut the same command follows it to its end, also if its server is killed meanwhile", async () => {
    const open = await cut(run("0.2"));
    const { said, gone } = startWinnow(home, run("0.1"));
    await expect.poll(said, { timeout: 120_000 }).toContain(`Run ${open} of corpus small`);
    expect(said()).toMatch(
      /is open\. Following it to its end\.\n.*--budget 0\.2.*\n.*Unlike yours: +budget 0\.2, not 0\.1/,
    );
    await expect.poll(said, { timeout: 60_000 }).toContain("… train");
    const { serverPid, address } = stack(home);
    process.kill(serverPid, "SIGKILL");
    await expect
      .poll(said, { timeout: 30_000 })
      .toContain("The Temporal server ended (SIGKILL); starting it again in 1 s.");
    await expect.poll(() => stack(home).serverPid, { timeout: 30_000 }).toBeGreaterThan(serverPid);
    expect(stack(home).address).toBe(address);
    expect(await gone).toBe(0);
    expect(said()).toMatch(/✔ train/);
    expect(isAlive(serverPid)).toBe(false);
    expect(leftovers(home)).toEqual([]);
    const { runs } = await winnowJson<{ runs: Run[] }>(home, ["runs"]);
    expect(runs.map(({ workflowId, status }) => [workflowId, status])).toEqual([[open, "completed"]]);
  }, 300_000);

  it("`run --replace` cancels it and starts anew; `up` alone takes it up, too", async () => {
    const open = await cut(run("0.3", "--force", "train"));
    const replaced = await winnowJson<PipelineResult>(home, run("0.1", "--replace"));
    expect(replaced).toMatchObject({ status: "completed", corpus: "small" });
    const again = await cut(run("0.15", "--force", "train"));
    const up = await winnow(home, ["up", "--once", "--json"]);
    expect([up.code, up.stderr]).toEqual([0, expect.stringContaining(`Run ${again} of corpus small`)]);
    expect(JSON.parse(up.stdout)).toMatchObject({ workflowId: again, ui: null });
    const { runs } = await winnowJson<{ runs: Run[] }>(home, ["runs"]);
    const status = (id: string) => runs.find(({ workflowId }) => workflowId === id)!.status;
    expect([open, replaced.workflowId, again].map(status)).toEqual(["cancelled", "completed", "completed"]);
  }, 300_000);

  it("`serve` without a release says how to make one, and starts nothing", async () => {
    const outcome = await winnow(home, ["serve"]);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringMatching(/No release serves here yet/) });
    expect(outcome.stderr).not.toContain("Temporal server at");
  });
});
