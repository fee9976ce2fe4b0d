import { randomUUID } from "node:crypto";
import { access, mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { storing } from "../storage.ts";
import { describeHolder, type Holder, thisProcess } from "./lockHolder.ts";
import { Rivals } from "./lockRivals.ts";

export interface FolderLock {
  /** Throws LockLost if another training took the folder while this process was suspended for a lease. */
  assertHeld(): Promise<void>;
  free(): Promise<void>;
}

export interface LockPatience {
  /**
   * How long to wait for a live training. A killed worker's compute process outlives it by half a second. An attempt
   * that Temporal has given up may run until its worker is notified.
   */
  patienceMs?: number;
  /** A training on another machine is dead after this time without a heartbeat. */
  leaseMs?: number;
  /** The work that holds the folder, for messages; default: a training. */
  doing?: LockedWork;
}

/** Work that only one process may do at a time. */
export interface LockedWork {
  /** `training`. */
  what: string;
  /** What it works on; default: the folder. */
  name?: string;
}

const PATIENCE_MS = 5000;
const LEASE_MS = 45_000;
const BEATS_PER_LEASE = 9;
const POLL_MS = 200;

/**
 * Locks a folder, possibly on a volume shared by machines, for this process. A lock is stale as soon as its PID is
 * known to be dead, otherwise when its lease expires.
 *
 * Each process writes a file of its own name and then looks for others. Of two that arrive together, each sees the
 * other and at least one withdraws. A file removed as stale cannot belong to a new process, because names are unique.
 *
 * Throws Busy naming the holder, Cancelled, StorageFailed.
 */
export async function lockFolder(
  folder: string,
  ctx: TaskContext,
  { patienceMs = PATIENCE_MS, leaseMs = LEASE_MS, doing = { what: "training" } }: LockPatience = {},
): Promise<FolderLock> {
  const me = await thisProcess();
  const rivals = new Rivals(folder, me, leaseMs);
  for (const deadline = performance.now() + patienceMs; ; ) {
    const rival = await rivals.first();
    const lock = rival ? null : await contend(folder, me, rivals, leaseMs);
    if (lock) return lock;
    if (rival?.lives && performance.now() >= deadline) throw busy(folder, rival.holder, doing);
    if (ctx.signal.aborted) throw new WinnowError("Cancelled", `cancelled while waiting for ${folder}`);
    if (rival) ctx.progress({ step: 0, of: 1, note: noteOn(rival.holder, rival.lives, doing) });
    // Jitter keeps two rivals that withdrew together from retrying in step.
    await new Promise((settle) => setTimeout(settle, POLL_MS * (0.5 + Math.random())));
  }
}

async function contend(folder: string, me: Holder, rivals: Rivals, leaseMs: number): Promise<FolderLock | null> {
  const name = `lock-${randomUUID()}.json`;
  if (!(await putDown(folder, name, me))) return null;
  const file = join(folder, name);
  let alone = false;
  try {
    alone = !(await rivals.first(name)) && (await isThere(file));
  } finally {
    if (!alone) await remove(folder, file);
  }
  return alone ? held(folder, file, signsOfLife(file, leaseMs / BEATS_PER_LEASE)) : null;
}

/** False if a training that just ended removed the folder. */
async function putDown(folder: string, name: string, me: Holder): Promise<boolean> {
  let done = true;
  await storing(folder, async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), JSON.stringify(me), { flag: "wx" }).catch((cause) => {
      if (cause.code !== "ENOENT") throw cause;
      done = false;
    });
  });
  return done;
}

function held(folder: string, file: string, beat: Worker): FolderLock {
  return {
    async assertHeld() {
      if (await isThere(file)) return;
      const why = "this process was suspended, so another training considered it dead and took the folder";
      throw new WinnowError("LockLost", `${folder}: ${why}`);
    },
    async free() {
      await beat.terminate();
      // A lock that cannot be removed is stale once this process has ended.
      await remove(folder, file).catch(() => {});
    },
  };
}

/** Only a missing file shows that the lock was removed; a volume that is briefly away does not. */
function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (cause) => cause.code !== "ENOENT",
  );
}

async function remove(folder: string, file: string): Promise<void> {
  await rm(file, { force: true });
  // A folder that contains other files stays.
  await rmdir(folder).catch(() => {});
}

/** Sends heartbeats from a separate thread: native calls of a large model block this one for minutes. */
function signsOfLife(file: string, everyMs: number): Worker {
  const source = `const { workerData } = require("node:worker_threads");
    const { utimes } = require("node:fs");
    setInterval(() => utimes(workerData.file, new Date(), new Date(), () => {}), workerData.everyMs);`;
  const thread = new Worker(source, { eval: true, workerData: { file, everyMs }, execArgv: [] });
  thread.unref();
  return thread;
}

function busy(folder: string, holder: Holder | null, { what, name }: LockedWork): WinnowError {
  const who = describeHolder(holder);
  if (name !== undefined)
    return new WinnowError("Busy", `another ${what} of ${name} runs already, by ${who}: wait for it`);
  const hint = `Wait for it, or use another folder for this ${what}`;
  return new WinnowError("Busy", `${folder} is in use: ${who} is ${what} there. ${hint}`);
}

function noteOn(holder: Holder | null, lives: boolean, { what }: LockedWork): string {
  return lives
    ? `waiting for the ${what} by ${describeHolder(holder)} to end`
    : `checking whether the ${what} by ${describeHolder(holder)} is alive`;
}
