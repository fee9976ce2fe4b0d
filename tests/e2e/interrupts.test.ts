import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import type { StageName } from "../../contracts/names.ts";
import { freshHome, winnow } from "./command.ts";
import { leftovers } from "./leftovers.ts";
import { endStarted, killServer, SMALL_DOCS, stack, startWinnow } from "./stageSignals.ts";

// In the order of the stages: what an interrupted run has finished, the next one skips. Every stage with every signal is
// in interrupts.long.test.ts.
const MOMENTS: [StageName | "the start", NodeJS.Signals[]][] = [
  ["the start", ["SIGHUP"]],
  ["embed", ["SIGTERM"]],
  ["train", ["SIGINT", "SIGINT"]],
];

describe("an interrupt leaves no process and no file of a moment", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterEach(endStarted);
  afterAll(() => remove());

  it.each(MOMENTS)(
    "in %s: %j",
    async (stage, signals) => {
      const args = ["run", "--docs", SMALL_DOCS, "--name", "small", "--budget", "0.1", "--least-steps", "1"];
      const { child, said, gone } = startWinnow(home, args);
      const sign = stage === "the start" ? /Temporal server at/ : new RegExp(`[…✔] ${stage}\\b`);
      // A busy machine takes minutes for the stages before.
      await expect.poll(said, { timeout: 300_000, interval: 20 }).toMatch(sign);
      for (const [at, signal] of signals.entries()) {
        if (at > 0) await delay(400);
        child.kill(signal);
      }
      expect([await gone, said()]).toEqual([130, expect.stringContaining("Stopping the Temporal server…")]);
      expect(said()).not.toMatch(/\n\s+at /);
      await expect.poll(() => leftovers(home), { timeout: 5000 }).toEqual([]);
    },
    360_000,
  );

  // Before its training, the interrupted run deployed a first release.
  it("a server that is killed under an idle `serve` is started again, and questions use it", async () => {
    const { child, said, gone } = startWinnow(home, ["serve"]);
    await expect.poll(said, { timeout: 120_000 }).toContain("Serving. Ctrl-C stops");
    await killServer(home, said);
    const before = stack(home);
    const asked = await winnow(home, ["ask", "what is a Job?", "--json"]);
    expect([asked.code, asked.stderr]).toEqual([0, expect.not.stringContaining("Temporal server at")]);
    expect((JSON.parse(asked.stdout) as AskResult).receipt.release).toMatch(/^[0-9a-f]{12}$/);
    expect(stack(home)).toEqual(before);
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
    await expect.poll(() => leftovers(home), { timeout: 5000 }).toEqual([]);
  }, 240_000);

  it("a question that started its own server stops it", async () => {
    const { child, said, gone } = startWinnow(home, ["ask", "what is a Job?"]);
    await expect.poll(said, { timeout: 120_000, interval: 20 }).toContain("Temporal server at");
    child.kill("SIGHUP");
    expect(await gone).toBe(130);
    await expect.poll(() => leftovers(home), { timeout: 5000 }).toEqual([]);
  }, 120_000);

  it("a home that no folder can be made in is named, and so is a server that is starting", async () => {
    const { code, stderr } = await winnow("/proc", ["ask", "pod"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^winnow: WINNOW_HOME: the folder \/proc cannot be used/),
    ]);
    const both = [startWinnow(home, ["runs"]), startWinnow(home, ["runs"])];
    expect(await Promise.all(both.map(({ gone }) => gone))).toEqual([0, 0]);
    const texts = both.map(({ said }) => said()).sort();
    expect(texts).toEqual([
      expect.stringMatching(/^Another winnow command \(process \d+\) is starting or stopping here/m),
      expect.stringMatching(/^Temporal server at/),
    ]);
    expect(leftovers(home)).toEqual([]);
  }, 120_000);
});
