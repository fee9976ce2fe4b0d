import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** What a process may use: of the machine, or of the container it runs in. */
export interface Machine {
  cores: number;
  /** Cores a container is limited to, where that is fewer than the machine has. */
  coreLimit?: number;
  memoryBytes: number;
}

/**
 * Cores and memory of this machine, or the limits of its control group where those are smaller: Node 20 counts all
 * cores of the host, and native libraries would start as many threads.
 */
export function readMachine(groups = "/sys/fs/cgroup"): Machine {
  const limit = process.constrainedMemory?.() ?? 0;
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const all = availableParallelism();
  const limited = Math.ceil(coreLimit(groups));
  return limited < all ? { cores: limited, coreLimit: limited, memoryBytes } : { cores: all, memoryBytes };
}

/** Cores that a control group grants (version 2, else 1); no limit is infinite. */
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
