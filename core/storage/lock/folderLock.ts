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
  /** Throws LockLost where another training has the folder: this process stood still for as long as a lease. */
  assertHeld(): Promise<void>;
  free(): Promise<void>;
}

export interface LockPatience {
  /**
   * How long one waits for a training that lives. A killed worker's compute process outlives it by half a second;
   * an attempt that Temporal has given up may go on until its worker hears of it.
   */
  patienceMs?: number;
  /** Without a sign of life for so long, a training on another machine is gone. */
  leaseMs?: number;
}

const PATIENCE_MS = 5000;
const LEASE_MS = 45_000;
const BEATS_PER_LEASE = 9;
const POLL_MS = 200;

/**
 * Takes a folder, which may be on a volume that other machines share, for this process. A lock whose process is gone
 * counts for nothing: at once where its number tells, else after a lease without a sign of life.
 *
 * Each process puts down a file of its own name and then looks for others: of two that come together each sees the
 * other, at least one withdraws, and what is removed as dead cannot be somebody else's by then.
 *
 * Throws Busy naming the process that has it, Cancelled, StorageFailed.
 */
export async function lockFolder(
  folder: string,
  ctx: TaskContext,
  { patienceMs = PATIENCE_MS, leaseMs = LEASE_MS }: LockPatience = {},
): Promise<FolderLock> {
  const me = await thisProcess();
  const rivals = new Rivals(folder, me, leaseMs);
  for (const deadline = performance.now() + patienceMs; ; ) {
    const rival = await rivals.first();
    const lock = rival ? null : await contend(folder, me, rivals, leaseMs);
    if (lock) return lock;
    if (rival?.lives && performance.now() >= deadline) throw busy(folder, rival.holder);
    if (ctx.signal.aborted) throw new WinnowError("Cancelled", `cancelled while waiting for ${folder}`);
    if (rival) ctx.progress({ step: 0, of: 1, note: noteOn(rival.holder, rival.lives) });
    // Never in step with a rival that withdrew at the same moment.
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

/** False where the folder was removed just then, by a training that ended. */
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
      const why = "this process stood still, and another training took the folder as that of one that is gone";
      throw new WinnowError("LockLost", `${folder}: ${why}`);
    },
    async free() {
      await beat.terminate();
      // What cannot be removed counts for nothing once this process has ended.
      await remove(folder, file).catch(() => {});
    },
  };
}

/** Only a file that is missing says that it was removed: a volume that is away for a moment does not. */
function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (cause) => cause.code !== "ENOENT",
  );
}

async function remove(folder: string, file: string): Promise<void> {
  await rm(file, { force: true });
  // Where anything else is in it, it stays.
  await rmdir(folder).catch(() => {});
}

/** From a thread of its own: native calls block this one, for minutes where the model is large. */
function signsOfLife(file: string, everyMs: number): Worker {
  const source = `const { workerData } = require("node:worker_threads");
    const { utimes } = require("node:fs");
    setInterval(() => utimes(workerData.file, new Date(), new Date(), () => {}), workerData.everyMs);`;
  const thread = new Worker(source, { eval: true, workerData: { file, everyMs }, execArgv: [] });
  thread.unref();
  return thread;
}

function busy(folder: string, holder: Holder | null): WinnowError {
  const hint = "Wait for it, or give this training another folder";
  return new WinnowError("Busy", `${folder} is in use: ${describeHolder(holder)} trains there. ${hint}`);
}

function noteOn(holder: Holder | null, lives: boolean): string {
  return lives
    ? `waiting for the end of a training by ${describeHolder(holder)}`
    : `watching whether a training by ${describeHolder(holder)} is alive`;
}
