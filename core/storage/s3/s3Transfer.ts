import { createHash } from "node:crypto";
import { Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { asStorageError } from "../storage.ts";
import type { Bucket } from "./s3Bucket.ts";

const ATTEMPTS = 3;
/** Pause before the second attempt; the third waits four times as long. */
const PAUSE_MS = 250;

/** A file listed in an artifact's manifest. */
export interface ListedFile {
  path: string;
  bytes: number;
  sha256: string;
}

/**
 * Reads a file of the artifact at `key` to its end. A truncated or altered transfer is retried. Throws StoreUnavailable
 * if every attempt is cut off, which proves nothing about the file. Throws CorruptArtifact with name and digest if the
 * file is missing or still wrong.
 */
export async function transfer(bucket: Bucket, key: string, file: ListedFile, sink: () => Writable): Promise<void> {
  const place = `${key}/${file.path}`;
  await persistently(async () => {
    const body = await bucket.get(place);
    if (body === null) throw corrupt(place, `is missing (SHA-256 ${file.sha256})`);
    const hash = createHash("sha256");
    const tee = new Transform({
      transform(chunk, _, next) {
        hash.update(chunk);
        next(null, chunk);
      },
    });
    const failure = await pipeline(body, tee, sink()).then(
      () => null,
      (error) => error,
    );
    if (isLocal(failure)) throw asStorageError(failure);
    if (failure) return brokenOff(place, failure);
    const right = hash.digest("hex") === file.sha256;
    return right ? null : corrupt(place, `does not match its SHA-256 ${file.sha256} after ${ATTEMPTS} attempts`);
  });
}

/** The text of an object; null if it does not exist. Throws StoreUnavailable. */
export async function textAt(bucket: Bucket, key: string): Promise<string | null> {
  let text: string | null = null;
  await persistently(async () => {
    const body = await bucket.get(key);
    if (body === null) return null;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of body) chunks.push(chunk);
    } catch (error) {
      return brokenOff(key, error);
    }
    text = Buffer.concat(chunks).toString("utf8");
    return null;
  });
  return text;
}

export function corrupt(file: string, problem: string): WinnowError {
  return new WinnowError("CorruptArtifact", `${file} ${problem}`);
}

/** Repeats `attempt` until it returns no problem; an exception is not retried. */
async function persistently(attempt: () => Promise<WinnowError | null>): Promise<void> {
  for (let tried = 1; ; tried++) {
    const problem = await attempt();
    if (problem === null) return;
    if (tried === ATTEMPTS) throw problem;
    await pause(PAUSE_MS * 4 ** (tried - 1));
  }
}

function brokenOff(place: string, cause: unknown): WinnowError {
  const reason = `broke off, ${ATTEMPTS} times (${messageOf(cause)})`;
  return new WinnowError("StoreUnavailable", `${place} ${reason}`, { cause });
}

/** A full disk is not a fault of the transfer. */
function isLocal(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException)?.code ?? "");
}
