import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** A process that holds a folder, or waits for it. */
export interface Holder {
  host: string;
  pid: number;
  /** Scope of the PID: machine, boot and, on Linux, the PID namespace (a container's own). */
  place: string;
  /** Process start time, where the OS reports it: PIDs are reused. */
  began: string | null;
}

export async function thisProcess(): Promise<Holder> {
  const host = hostname();
  const { pid } = process;
  const [boot, numbers] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
    readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return { host, pid, place: [host, boot.trim(), numbers].join(" ").trim(), began: await beganAt(pid) };
}

/** Whether a process is alive, by its PID; null if `me` cannot decide from its own scope. */
export async function livesBeside(me: Holder, { place, pid, began }: Holder): Promise<boolean | null> {
  if (place !== me.place) return null;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = await beganAt(pid);
  return began === null || now === null ? null : began === now;
}

export function describeHolder(holder: Holder | null): string {
  return holder ? `process ${holder.pid} on ${holder.host}` : "an unknown process";
}

/** The clock tick since boot at which a process started (Linux), or null. */
async function beganAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name, may contain spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie keeps its PID until its parent reaps it, which not every parent does.
    return fields[0] === "Z" ? "ended" : fields[19]!;
  } catch {
    return null;
  }
}
