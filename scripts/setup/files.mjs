import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile, cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** SHA-256 of a file as hex, or null where there is none. */
export async function digestOf(file) {
  if (!(await stat(file).catch(() => null))) return null;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Names of the files that are absent from a folder or have another SHA-256 than pinned. */
export async function damaged(folder, pinned) {
  const bad = [];
  for (const [file, sha256] of Object.entries(pinned))
    if ((await digestOf(join(folder, file))) !== sha256) bad.push(file);
  return bad;
}

/**
 * Downloads to `file`, which appears only when its SHA-256 is right. Throws when the server cannot be reached within
 * `connectMs`, sends nothing for `idleMs`, answers with an error, or sends other bytes.
 */
export async function download(url, file, sha256, { connectMs = 5000, idleMs = 30_000 } = {}) {
  const stop = new AbortController();
  const arm = (ms, why) => setTimeout(() => stop.abort(new Error(`${url} ${why} within ${ms / 1000} s`)), ms);
  let timer = arm(connectMs, "did not answer");
  const hash = createHash("sha256");
  const tee = new Transform({
    transform(chunk, _encoding, next) {
      clearTimeout(timer);
      timer = arm(idleMs, "sent nothing more");
      hash.update(chunk);
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
    await rm(part, { force: true });
  }
}

/** Copies a file so that the target is never half there. */
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
 * Makes a folder by `fill(draft)`: filled beside its place, then moved there in one step. What was there before goes
 * only when the new one is whole; where filling fails nothing is left behind.
 */
export async function placeFolder(to, fill) {
  // Not mkdtemp: its folder would be closed to other users, and a cache may be shared.
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

/** Copies a folder's content, whole or not at all. */
export function copyFolder(from, to) {
  return placeFolder(to, (draft) => cp(from, draft, { recursive: true }));
}
