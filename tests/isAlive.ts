import { existsSync, readFileSync } from "node:fs";

/** Whether a process runs. One that is dead but not yet buried does not: who adopted it may take its time, or never look. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc") || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
