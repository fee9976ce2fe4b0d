import { expect } from "vitest";

/** Inputs of each fuzzer. */
export const TRIALS = 100_000;

/** Memory that may remain after all inputs: what a runtime keeps for itself, far below a leak of a hundred bytes each. */
const MAX_GROWTH = 300_000_000;

/** Runs `work` and checks that it leaves no growing memory behind. */
export function expectNoGrowth(work: () => void): void {
  const before = process.memoryUsage().heapUsed;
  work();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(MAX_GROWTH);
}
