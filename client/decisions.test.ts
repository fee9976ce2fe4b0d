import type { Client } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { beforeAll, expect, test, vi } from "vitest";
import { readCliConfig } from "../config/cliConfig.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { carryOut } from "./decisions.ts";
import { openDesk } from "./desk.ts";
import { localSettings } from "./testing/settings.ts";

const state = stateFolder();
const places = localSettings(state.home);
const never = () => new Promise<never>(() => {});
const by = { by: "dana", reason: "read the report" };

let release: string;
beforeAll(async () => {
  release = (await state.release(1)).id;
});

/** A call that ends with its deadline or its signal, as those of gRPC do. */
function ended<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const late = new Promise<never>((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  return Promise.race([work(), late]);
}

/** A Temporal server whose approval of the corpus answers like this, and whose other workflows never end. */
function temporal(approval: object = {}) {
  const start = vi.fn(async (_type: string, _options: object) => ({ result: never, cancel: async () => {} }));
  const client = {
    withAbortSignal: ended,
    withDeadline: <T>(at: number, work: () => Promise<T>) => ended(AbortSignal.timeout(at - Date.now()), work),
    workflow: { start, getHandle: () => approval },
  } as unknown as Client;
  return { client, start };
}

test("approving a candidate that a newer one has superseded names the newer one at once", async () => {
  const { client } = temporal({
    executeUpdate: () => Promise.reject(ApplicationFailure.nonRetryable("ffffffffffff waits for approval", "BadInput")),
    describe: async () => ({ status: { name: "RUNNING" }, searchAttributes: { WinnowRelease: ["ffffffffffff"] } }),
    result: never,
  });
  const began = Date.now();
  await expect(carryOut(client, places, { action: "approve", release, ...by, expected: null })).rejects.toMatchObject({
    code: "PromotionConflict",
    message: expect.stringContaining("release ffffffffffff is the newer candidate"),
  });
  expect(Date.now() - began).toBeLessThan(5000);
});

test("approving what somebody else has decided says who decided what", async () => {
  const before = { corpus: "k8s", release, outcome: "rejected", by: "kim", reason: "worse" };
  const { client } = temporal({
    executeUpdate: () => Promise.reject(ApplicationFailure.nonRetryable("decided already", "BadInput")),
    describe: async () => ({ status: { name: "COMPLETED" }, searchAttributes: {} }),
    result: async () => before,
  });
  await expect(carryOut(client, places, { action: "approve", release, ...by, expected: null })).rejects.toThrow(
    `release ${release} was rejected by kim already, because: worse.`,
  );
});

test("a decision that no worker carries out is waited for a while only, and expires", async () => {
  const { client, start } = temporal();
  const decision = { action: "promote" as const, release, ...by, expected: null };
  expect(await carryOut(client, places, decision, { patienceMs: 50 })).toMatchObject({ release, changed: null });
  const options = start.mock.calls[0]![1];
  expect(options).toMatchObject({ workflowExecutionTimeout: 900_000 });
  // That nothing served is part of the decision: two who both saw that cannot both promote.
  expect(options).toMatchObject({ args: [{ ...by, release, expected: null }] });
});

test("a Temporal server that is too slow for a view counts as one that does not answer", async () => {
  const slow = Object.assign(new Error("4 DEADLINE_EXCEEDED"), { code: 4 });
  const client = { withDeadline: () => Promise.reject(slow) } as unknown as Client;
  const source = { client: async () => client, probe: async () => {}, close: async () => {} };
  const desk = openDesk(readCliConfig({ WINNOW_HOME: state.home, TEMPORAL_CONFIG_FILE: "" }), source);
  await expect(desk.waiting()).rejects.toMatchObject({ code: "TemporalUnreachable" });
});
