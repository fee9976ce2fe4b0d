import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { STAGES } from "../../contracts/names.ts";
import { freshHome, winnow, winnowJson } from "./command.ts";
import { leftovers } from "./leftovers.ts";
import { endStarted, SMALL_DOCS, startWinnow } from "./stageSignals.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const run = ["run", "--docs", SMALL_DOCS, "--name", "small", "--budget", "0.1", "--least-steps", "1"];

describe("every interrupt in every stage, once and twice, leaves nothing", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
    await winnowJson(home, run);
  }, 600_000);
  afterEach(endStarted);
  afterAll(() => remove());

  const cases = STAGES.flatMap((stage) =>
    SIGNALS.flatMap((signal) => [1, 2].map((times) => [stage, signal, times] as const)),
  );
  it.each(cases)("%s, %s, %d", async (stage, signal, times) => {
    const { child, said, gone } = startWinnow(home, [...run, "--force", stage]);
    await expect.poll(said, { timeout: 120_000, interval: 20 }).toMatch(new RegExp(`[…✔] ${stage}\\b`));
    for (let time = 0; time < times; time++) {
      if (time > 0) await delay(400);
      child.kill(signal);
    }
    // A short stage may be over before the signal arrives, and the run with it.
    expect(stage === "deploy" ? [0, 130] : [130]).toContain(await gone);
    await expect.poll(() => leftovers(home), { timeout: 5000 }).toEqual([]);
  });

  it("and the home is whole afterwards", async () => {
    expect((await winnow(home, ["fsck"])).code).toBe(0);
    expect((await winnowJson<{ release: string }>(home, run)).release).toMatch(/^[0-9a-f]{12}$/);
  });
});
