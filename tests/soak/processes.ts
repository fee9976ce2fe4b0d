import { readdirSync, readFileSync } from "node:fs";

/** Memory and handles of a process, from Linux's /proc. */
export interface Usage {
  /** Resident memory in megabytes. */
  megabytes: number;
  files: number;
  threads: number;
  /** Processes below it. */
  below: number;
}

/** Usage of a process now; null if it is gone. */
export function usageOf(pid: number): Usage | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    const megabytes = number("VmRSS") / 1024;
    // A zombie has no memory.
    if (Number.isNaN(megabytes)) return null;
    const files = readdirSync(`/proc/${pid}/fd`).length;
    return { megabytes, files, threads: number("Threads"), below: descendants(pid).length };
  } catch {
    return null;
  }
}

/** Processes below a process, nearest first. */
export function descendants(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** Compute processes below a process. Those of tsx, which translates modules, are not. */
export function computeBelow(pid: number): number[] {
  return descendants(pid).filter((child) => commandOf(child).includes("core/runtime/"));
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** Sends a signal. False if the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
