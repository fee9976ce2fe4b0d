import { expect, it } from "vitest";
import { guessKind } from "./guessKind.ts";

it.each([
  ["how do I roll back a release", "howto"],
  ["wait till my pods are really up before helm says it is done", "howto"],
  ["what is a chart?", "concept"],
  ["difference between install and upgrade", "concept"],
  ["upgrade fails with another operation in progress", "troubleshoot"],
  ["what does it mean when a pod is stuck in Pending", "troubleshoot"],
  ["how many releases does helm keep by default", "lookup"],
  ["which flag sets the namespace", "lookup"],
  ["cron timezone offset", "keyword"],
] as const)("%s: %s", (query, kind) => {
  expect(guessKind(query)).toBe(kind);
});
