import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../client/runs.ts";
import { freshHome, winnow, winnowJson } from "./command.ts";
import { leftovers } from "./leftovers.ts";
import { endStarted, killServer, runCutIn, SMALL_DOCS, startWinnow } from "./stageSignals.ts";

const run = (...more: string[]) => [
  "run",
  "--docs",
  SMALL_DOCS,
  "--budget",
  "0.2",
  "--least-steps",
  "1",
  "--until",
  "train",
  ...more,
];

describe("a run whose power is cut while it trains", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterEach(endStarted);
  afterAll(() => remove());

  const cut = (args: string[]) => runCutIn(home, "train", "workloads", args);

  it("is followed to its end by the same command, also if its server is killed meanwhile", async () => {
    const open = await cut(run());
    const { said, gone } = startWinnow(home, run());
    await expect.poll(said, { timeout: 120_000 }).toContain(`Run ${open} of corpus workloads`);
    await expect.poll(said, { timeout: 60_000 }).toContain("… train");
    await killServer(home, said);
    expect(await gone).toBe(0);
    expect(said()).toMatch(/✔ train/);
    expect(leftovers(home)).toEqual([]);
    const { runs } = await winnowJson<{ runs: Run[] }>(home, ["runs"]);
    expect(runs.map(({ workflowId, status }) => [workflowId, status])).toEqual([[open, "completed"]]);
  });

  it("is taken up by `up` alone", async () => {
    const open = await cut(run("--force", "train"));
    const up = await winnow(home, ["up", "--once", "--json"]);
    expect([up.code, up.stderr]).toEqual([0, expect.stringContaining(`Run ${open} of corpus workloads`)]);
    expect(JSON.parse(up.stdout)).toMatchObject({ workflowId: open, ui: null });
  });
});
