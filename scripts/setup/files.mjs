import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile, cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stopped } from "./interrupts.mjs";

/** SHA-256 of a file as hex, or null if the file is missing. */
export async function digestOf(file) {
  if (!(await stat(file).catch(() => null))) return null;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Files of a folder that are missing or differ from their pinned SHA-256. */
export async function damaged(folder, pinned) {
  const bad = [];
  for (const [file, sha256] of Object.entries(pinned))
    if ((await digestOf(join(folder, file))) !== sha256) bad.push(file);
  return bad;
}

/**
 * Downloads to `file`, which is created only with the right SHA-256. Throws if the server cannot be reached within
 * `connectMs`, sends nothing for `idleMs`, answers with an error, or sends other bytes. `onBytes` hears of the progress.
 */
export async function download(url, file, sha256, { connectMs = 5000, idleMs = 30_000, onBytes = () => {} } = {}) {
  const stop = new AbortController();
  const interrupt = () => stop.abort(stopped.reason);
  stopped.throwIfAborted();
  stopped.addEventListener("abort", interrupt, { once: true });
  const arm = (ms, why) => setTimeout(() => stop.abort(new Error(`${url} ${why} within ${ms / 1000} s`)), ms);
  let timer = arm(connectMs, "did not answer");
  const hash = createHash("sha256");
  let bytes = 0;
  const tee = new Transform({
    transform(chunk, _encoding, next) {
      clearTimeout(timer);
      timer = arm(idleMs, "sent nothing more");
      hash.update(chunk);
      onBytes((bytes += chunk.length));
      next(null, chunk);
    },
  });
  const part = `${file}.part-${process.pid}`;
  try {
    const response = await fetch(url, { signal: stop.signal, redirect: "follow" });
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
    await mkdir(dirname(file), { recursive: true });
    await pipeline(Readable.fromWeb(response.body), tee, createWriteStream(part));
    const found = hash.digest("hex");
    if (found !== sha256) throw new Error(`${url} has SHA-256 ${found}, expected ${sha256}: it was not kept`);
    await rename(part, file);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener("abort", interrupt);
    await rm(part, { force: true });
  }
}

/** Copies a file atomically. */
export async function placeFile(from, to, mode) {
  await mkdir(dirname(to), { recursive: true });
  const part = `${to}.part-${process.pid}`;
  try {
    await copyFile(from, part);
    if (mode !== undefined) await chmod(part, mode);
    await rename(part, to);
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * Creates a folder by `fill(draft)` next to its place, then moves it there in one step. The old folder is removed only
 * once the new one is complete. A failed fill leaves nothing behind.
 */
export async function placeFolder(to, fill) {
  // mkdtemp would close the folder to other users, and a cache may be shared.
  const draft = join(dirname(to), `.${basename(to)}-${process.pid}-${randomUUID().slice(0, 8)}`);
  await mkdir(draft, { recursive: true });
  try {
    await fill(draft);
    await rm(to, { recursive: true, force: true });
    await rename(draft, to);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Copies a folder's content, completely or not at all. */
export function copyFolder(from, to) {
  return placeFolder(to, (draft) => cp(from, draft, { recursive: true }));
}
