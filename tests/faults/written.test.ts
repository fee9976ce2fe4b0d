import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkflowHandle } from "@temporalio/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { fails, hangs, ScriptedLlm, says } from "../../core/llm/testing/scriptedLlm.ts";
import { Faults, kill } from "./harness.ts";

/** Time for a busy machine to reach writing. */
const SLOW = { timeout: 150_000 };
const KEY = "sk-written-1234567890";
const faults = new Faults();
const llm = new ScriptedLlm();
const asks = says("How can I bring the engine to life?");
const grades = says("Here they are: [1, 3]");
let worker: ChildProcess;

beforeAll(async () => {
  const WINNOW_LLM_BASE_URL = await llm.listen();
  await faults.startServer();
  worker = await faults.startWorker({
    WINNOW_LLM_BASE_URL,
    WINNOW_LLM_MODEL: "scripted",
    WINNOW_LLM_API_KEY: KEY,
  });
});
afterAll(async () => {
  await faults.end();
  llm.end();
});

/** Number of replies on disk. */
function kept(): number {
  const folder = join(faults.home, "written");
  const texts = existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8")) : [];
  return texts.join("").split("\n").filter(Boolean).length;
}

/** Runs to the end of the train stage with this number of written questions. */
function run(written: number, name = "faults"): Promise<WorkflowHandle> {
  const training = { budgetMinutes: 0.005, written };
  return faults.startPipeline({ docs: { path: faults.docs, name }, until: "train", force: ["train"], training });
}

async function failureOf(handle: WorkflowHandle): Promise<Error & { type?: string }> {
  let failure = (await handle.result().then(
    () => new Error("it did not fail"),
    (thrown) => thrown,
  )) as Error;
  while (failure.cause instanceof Error) failure = failure.cause;
  return failure;
}

test("a run cancelled while the LLM hangs ends; the next asks only for missing questions, despite a 429", {
  timeout: 300_000,
}, async () => {
  llm.play(asks, asks, asks, hangs);
  const first = await run(12);
  await expect.poll(kept, SLOW).toBe(3);
  await expect.poll(() => llm.calls.length, SLOW).toBe(7);
  await first.cancel();
  await expect(first.result()).rejects.toThrow();

  const others = Array.from({ length: 8 }, () => asks);
  llm.play(asks, fails(429, { "retry-after": "1" }), ...others, grades);
  const result = (await (await run(12)).result()) as PipelineResult;
  expect(result.stages.at(-1)).toMatchObject({ name: "train", skipped: false });
  expect(llm.calls).toHaveLength(9 + 1 + 1);
  expect(llm.calls[0]!.authorization).toBe(`Bearer ${KEY}`);
  expect(kept()).toBe(12 + 1);
  const [artifact] = faults.artifacts("written").published;
  const folder = join(faults.home, "artifacts", "written", artifact!);
  // All replies are equal here, so one remains.
  expect(readFileSync(join(folder, "written.jsonl"), "utf8").trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(readFileSync(join(folder, "written.json"), "utf8"))).toEqual({
    model: "scripted",
    asked: 12,
    written: 1,
    rejected: { duplicate: 11 },
  });
  const [graded] = faults.artifacts("graded").published;
  const answered = readFileSync(join(faults.home, "artifacts", "graded", graded!, "written.jsonl"), "utf8");
  expect(JSON.parse(answered)).toMatchObject({ passageId: "p2", related: [], opposed: ["p1"] });
});

test("a second run asks nothing", { timeout: 300_000 }, async () => {
  llm.play(fails(500));
  await (await run(12)).result();
  expect(llm.calls).toEqual([]);
});

test("401 fails once naming the setting, and the key is in no history and no log", { timeout: 300_000 }, async () => {
  llm.play(fails(401));
  const handle = await run(13, "refused");
  expect(await failureOf(handle)).toMatchObject({
    type: "LlmRefused",
    message: expect.stringMatching(/WINNOW_LLM_API_KEY/),
  });
  expect(llm.calls).toHaveLength(1);
  const { events } = await handle.fetchHistory();
  const history = JSON.stringify(events, (key, value) =>
    key === "data" && typeof value === "string" ? Buffer.from(value, "base64").toString() : value,
  );
  expect(history).toContain("writeQuestions");
  expect(history).not.toContain(KEY);
  expect(faults.log).not.toContain(KEY);
});

test("without an endpoint, a run that requests questions fails before reading anything, and names the settings", {
  timeout: 300_000,
}, async () => {
  await kill(worker, "SIGTERM");
  await faults.startWorker();
  const handle = await run(5, "without");
  expect(await failureOf(handle)).toMatchObject({
    type: "BadInput",
    message: expect.stringMatching(/training\.written.*WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL/),
  });
});
