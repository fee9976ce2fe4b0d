import { mkdir, open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { WinnowError } from "../errors.ts";
import { readJson, storing } from "./checkpointFiles.ts";

interface Holder {
  host: string;
  pid: number;
  /** When the process began, where the system tells: numbers of processes are used again. */
  began: string | null;
}

const LOCK = "lock.json";
const POLL_MS = 200;

/**
 * Takes a folder for this process and gives the way to let go of it. A lock whose process is gone counts for nothing; one
 * that may be ending gets `patienceMs`, since a killed worker's compute process outlives it by half a second.
 * Throws Busy naming the process that has it, StorageFailed.
 */
export async function lockFolder(folder: string, patienceMs = 5000): Promise<() => Promise<void>> {
  const file = join(folder, LOCK);
  const me: Holder = { host: hostname(), pid: process.pid, began: await beganAt(process.pid) };
  await storing(folder, async () => void (await mkdir(folder, { recursive: true })));
  for (const deadline = Date.now() + patienceMs; ; ) {
    if (await took(folder, file, me)) return () => rm(file, { force: true });
    const holder = await readJson<Holder>(file);
    const late = Date.now() > deadline;
    // An empty lock is one about to be written, or its process was killed just then.
    if (holder ? !(await isAlive(holder)) : late) {
      await rm(file, { force: true });
      continue;
    }
    if (holder && late) {
      const hint = `Wait for it, or give this training another folder; if it is gone, remove ${file}`;
      throw new WinnowError(
        "Busy",
        `${folder} is in use: process ${holder.pid} on ${holder.host} trains there. ${hint}`,
      );
    }
    await new Promise((settle) => setTimeout(settle, POLL_MS));
  }
}

async function took(folder: string, file: string, me: Holder): Promise<boolean> {
  let mine = false;
  await storing(folder, async () => {
    const handle = await open(file, "wx").catch((cause) => {
      if (cause.code !== "EEXIST") throw cause;
      return null;
    });
    if (!handle) return;
    mine = true;
    await handle.writeFile(JSON.stringify(me));
    await handle.close();
  });
  return mine;
}

/** Of another machine's processes nothing is known here: they count as alive. */
async function isAlive({ host, pid, began }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return began === (await beganAt(pid));
}

/** The boot and the clock tick at which a process began (Linux), or null. */
async function beganAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // Its second field, the program's name, may hold spaces and brackets.
    return `${boot.trim()} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return null;
  }
}
