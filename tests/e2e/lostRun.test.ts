import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../client/runs.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { freshHome, root, winnow, winnowJson } from "./command.ts";
import { leftovers } from "./leftovers.ts";
import { endStarted, killServer, runCutIn, startWinnow } from "./stageSignals.ts";

/** Each folder is embedded for the first time in its case, for some seconds. lostRun.long.test.ts does it to a training. */
const run = (folder: string, budget: string, ...more: string[]) => [
  ...["run", "--docs", join(root, "samples", "docs", folder), "--until", "embed"],
  ...["--budget", budget, ...more],
];

describe("a run is never lost", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterEach(endStarted);
  afterAll(() => remove());

  const cut = (args: string[]) => runCutIn(home, "embed", args[2]!.split("/").at(-1)!, args);

  it("after a power cut the same command follows it to its end, also if its server is killed meanwhile", async () => {
    const open = await cut(run("workloads", "0.2"));
    const { said, gone } = startWinnow(home, run("workloads", "0.1"));
    await expect.poll(said, { timeout: 120_000 }).toContain(`Run ${open} of corpus workloads`);
    expect(said()).toMatch(
      /is open\. Following it to its end\.\n.*--budget 0\.2.*\n.*Unlike yours: +budget 0\.2, not 0\.1/,
    );
    await killServer(home, said);
    expect(await gone).toBe(0);
    expect(said()).toMatch(/✔ embed/);
    expect(leftovers(home)).toEqual([]);
    const { runs } = await winnowJson<{ runs: Run[] }>(home, ["runs"]);
    expect(runs.map(({ workflowId, status }) => [workflowId, status])).toEqual([[open, "completed"]]);
  }, 300_000);

  it("`run --replace` cancels it and starts anew; `up` alone takes it up, too", async () => {
    const open = await cut(run("storage", "0.3"));
    const replaced = await winnowJson<PipelineResult>(home, run("storage", "0.1", "--replace"));
    expect(replaced).toMatchObject({ status: "completed", corpus: "storage" });
    const again = await cut(run("networking", "0.15"));
    const up = await winnow(home, ["up", "--once", "--json"]);
    expect([up.code, up.stderr]).toEqual([0, expect.stringContaining(`Run ${again} of corpus networking`)]);
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
