import { expect, test } from "vitest";
import { readWorkerConfig } from "../config/workerConfig.ts";
import { limits } from "./options.ts";

test("the worker for workflows caches as many as its memory allows; the others run none", () => {
  const { capacity } = readWorkerConfig({}, { cores: 2, memoryBytes: 4 * 2 ** 30 });
  expect(limits("winnow", capacity)).toEqual({ maxConcurrentActivityTaskExecutions: 20, maxCachedWorkflows: 256 });
  expect(limits("winnow-cpu", capacity)).toEqual({ maxConcurrentActivityTaskExecutions: 1 });
  expect(limits("winnow-query", capacity)).toEqual({
    maxConcurrentActivityTaskExecutions: 8 + 32 + 8,
    maxHeartbeatThrottleInterval: "100 milliseconds",
  });
});
