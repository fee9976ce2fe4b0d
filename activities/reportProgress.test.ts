import type { Client } from "@temporalio/client";
import { MockActivityEnvironment } from "@temporalio/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { StageProgress } from "../contracts/pipeline.ts";
import { progressReporter } from "./reportProgress.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Progress notes of a stage that reports once a second for this many seconds. */
async function told(
  seconds: number,
  signal: (story: StageProgress) => Promise<void>,
  note?: (second: number) => string,
): Promise<void> {
  const getHandle = () => ({ signal: (_name: string, story: StageProgress) => signal(story) });
  const client = { workflow: { getHandle }, withAbortSignal: (_signal: AbortSignal, call: () => unknown) => call() };
  const environment = new MockActivityEnvironment({}, { client: client as unknown as Client });
  await environment.run(async () => {
    const tell = progressReporter("train");
    for (let second = 1; second <= seconds; second++) {
      vi.setSystemTime(Date.now() + 1000);
      tell({ step: second, of: seconds, note: note?.(second) });
    }
  });
}

it("reports at growing intervals, after a minute at first: five times an hour, ten times a day", async () => {
  const stories: StageProgress[] = [];
  const keep = async (story: StageProgress) => void stories.push(story);
  await told(59, keep);
  expect(stories).toEqual([]);
  await told(3600, keep);
  expect(stories.map(({ note }) => note)).toEqual([60, 180, 420, 900, 1860].map((second) => `${second} of 3600`));
  stories.length = 0;
  await told(86_400, keep);
  expect(stories).toHaveLength(10);
});

it("reports the step count once, with the stage's note", async () => {
  const stories: StageProgress[] = [];
  const keep = async (story: StageProgress) => void stories.push(story);
  await told(72, keep, () => "loss 0.4");
  await told(72, keep, (second) => `questions: ${second} of 72`);
  expect(stories.map(({ note }) => note)).toEqual(["60 of 72 (loss 0.4)", "questions: 60 of 72"]);
});

it("an undeliverable report fails nothing", async () => {
  await expect(told(60, () => Promise.reject(new Error("unavailable")))).resolves.toBeUndefined();
});
