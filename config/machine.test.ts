import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { coreLimit, readMachine } from "./machine.ts";

let groups: string;
beforeEach(() => {
  groups = mkdtempSync(join(tmpdir(), "winnow-cgroup-"));
});
afterEach(() => rmSync(groups, { recursive: true, force: true }));

test("a container's core limit counts, in both versions of control groups", () => {
  writeFileSync(join(groups, "cpu.max"), "150000 100000\n");
  expect(coreLimit(groups)).toBe(1.5);
  rmSync(join(groups, "cpu.max"));
  mkdirSync(join(groups, "cpu"));
  writeFileSync(join(groups, "cpu", "cpu.cfs_quota_us"), "50000\n");
  writeFileSync(join(groups, "cpu", "cpu.cfs_period_us"), "100000\n");
  expect(coreLimit(groups)).toBe(0.5);
  expect(readMachine(groups).cores).toBe(1);
  expect(readMachine(groups).coreLimit).toBe(availableParallelism() > 1 ? 1 : undefined);
});

test("without a limit or control groups, the whole machine counts", () => {
  expect(coreLimit(groups)).toBe(Number.POSITIVE_INFINITY);
  writeFileSync(join(groups, "cpu.max"), "max 100000\n");
  const machine = readMachine(groups);
  expect(machine.cores).toBe(availableParallelism());
  expect(machine.coreLimit).toBeUndefined();
  expect(machine.memoryBytes).toBeGreaterThan(1 << 28);
  expect(machine.memoryBytes).toBeLessThanOrEqual(totalmem());
});
