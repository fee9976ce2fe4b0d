import { readFileSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";

/** Cores and memory that a process may use, on the machine or in its container. */
export interface Machine {
  cores: number;
  /** Core limit of the container, if smaller than the machine. */
  coreLimit?: number;
  memoryBytes: number;
  /** Memory that is free now. Default: all. */
  freeBytes?: number;
}

/**
 * Returns cores and memory of this machine, or the smaller limits of its control group. Node 20 counts all cores of the
 * host, and native libraries would start that many threads.
 */
export function readMachine(groups = "/sys/fs/cgroup"): Machine {
  const limit = process.constrainedMemory?.() ?? 0;
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const freeBytes = Math.min(memoryBytes, process.availableMemory?.() ?? freemem());
  const all = availableParallelism();
  const limited = Math.ceil(coreLimit(groups));
  return limited < all
    ? { cores: limited, coreLimit: limited, memoryBytes, freeBytes }
    : { cores: all, memoryBytes, freeBytes };
}

/** Core limit of a control group (version 2, else 1); infinite without a limit. */
export function coreLimit(groups: string): number {
  const [quota, period] = (read(`${groups}/cpu.max`) ?? legacy(groups)).split(/\s+/).map(Number);
  return quota && period && quota > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

function legacy(groups: string): string {
  return `${read(`${groups}/cpu/cpu.cfs_quota_us`) ?? -1} ${read(`${groups}/cpu/cpu.cfs_period_us`) ?? 0}`;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
