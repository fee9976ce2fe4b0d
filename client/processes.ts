import { type ChildProcess, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Time that a process has to end once the user is in a hurry. */
const HURRIED_MS = 2500;

/** True if a process with this id runs. A zombie does not: its parent may reap it late, or never. */
export function isAlive(pid: number | null): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process lives, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return !/^\d+ \(.*\) Z/s.test(read(`/proc/${pid}/stat`) ?? "");
}

/** The command line of a process, with blanks between its arguments; empty if no such process runs. */
export function commandLine(pid: number): string {
  const listed = read(`/proc/${pid}/cmdline`);
  if (listed !== null) return listed.split("\0").join(" ").trim();
  if (read("/proc/self/stat") !== null) return "";
  // Without /proc, as on macOS.
  const ps = spawnSync("ps", ["-ww", "-o", "args=", "-p", `${pid}`], { encoding: "utf8", env: {} });
  return (ps.stdout ?? "").trim();
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/**
 * Asks a child that leads a process group to stop, and kills the whole group after `graceMs`, or sooner once `hurry`
 * aborts. Returns true if it had to be killed.
 */
export async function end(child: ChildProcess, graceMs: number, hurry?: AbortSignal): Promise<boolean> {
  let killed = false;
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
    const kill = () => {
      killed = true;
      killGroup(child.pid!);
    };
    child.kill("SIGTERM");
    const timers = [setTimeout(kill, graceMs)];
    const soon = () => void timers.push(setTimeout(kill, HURRIED_MS));
    if (hurry?.aborted) soon();
    hurry?.addEventListener("abort", soon, { once: true });
    await gone;
    hurry?.removeEventListener("abort", soon);
    for (const timer of timers) clearTimeout(timer);
  }
  // What the child started and did not end itself.
  if (child.pid !== undefined) killGroup(child.pid);
  return killed;
}

/** Ends a process that this one did not start. */
export async function endStranger(pid: number, graceMs: number): Promise<void> {
  signal(pid, "SIGTERM");
  for (let waited = 0; waited < graceMs && isAlive(pid); waited += 100) await pause(100);
  if (isAlive(pid)) killGroup(pid);
  for (let waited = 0; waited < 5000 && isAlive(pid); waited += 50) await pause(50);
}

function killGroup(leader: number): void {
  if (!signal(-leader, "SIGKILL")) signal(leader, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, ms));
}
