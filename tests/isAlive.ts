import { existsSync, readFileSync } from "node:fs";

/** Whether a process runs. A zombie does not count: its parent may reap it late, or never. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc") || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
