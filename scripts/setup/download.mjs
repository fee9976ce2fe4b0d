import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** SHA-256 of a file as hex, or null where there is none. */
export async function digestOf(file) {
  if (!(await stat(file).catch(() => null))) return null;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/**
 * Downloads to `file`, which appears only when its SHA-256 is right. Throws when the server cannot be reached within
 * `connectMs`, answers with an error, or sends other bytes.
 */
export async function download(url, file, sha256, connectMs = 5000) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), connectMs);
  const response = await fetch(url, { signal: stop.signal, redirect: "follow" }).finally(() => clearTimeout(timer));
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.part-${process.pid}`;
  const hash = createHash("sha256");
  const tee = new Transform({
    transform(chunk, _encoding, next) {
      hash.update(chunk);
      next(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body), tee, createWriteStream(part));
    const found = hash.digest("hex");
    if (found !== sha256) throw new Error(`${url} has SHA-256 ${found}, expected ${sha256}: it was not kept`);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}
