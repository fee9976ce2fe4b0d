import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import type { WinnowError } from "../../base/errors.ts";
import { asStorageError } from "../../storage/storage.ts";
import { isPointer } from "../lfsPointer.ts";
import type { HubCall, HubFile } from "./hub.ts";
import { refused, unavailable } from "./hubErrors.ts";
import { type HubAnswer, patiently, requestOf } from "./hubRequest.ts";

/** Enough for further attempts: a server that sends a byte each time must not be asked for ever. */
const PROGRESS_BYTES = 1_000_000;

/** A file of a repository at a commit. */
export interface WantedFile {
  name: string;
  commit: string;
  file: HubFile;
}

/**
 * Fetches a file to `to`, which exists only with the digest that the hub states. Continues what an earlier attempt left
 * in `to` with `.part`, by a range request. Takes `to` as it is if it has that digest. `onBytes` gets the number of bytes
 * that are there.
 * Throws HubRefused for other bytes, HubUnavailable, StorageFailed, Cancelled.
 */
export async function fetchFile(
  call: HubCall,
  wanted: WantedFile,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const part = `${to}.part`;
  let before = await sizeOf(part);
  let latest = before;
  const progressed = () => {
    const grown = latest - before >= PROGRESS_BYTES;
    before = latest;
    return grown;
  };
  const heard = (bytes: number) => {
    latest = bytes;
    onBytes(Math.min(bytes, wanted.file.bytes));
  };
  try {
    await mkdir(dirname(to), { recursive: true });
    if (await isFetched(to, wanted.file)) return onBytes(wanted.file.bytes);
    for (let altered = 0; ; altered++) {
      await patiently(call, () => fetchRest(call, wanted, part, heard), progressed);
      const found = await digestOf(part, wanted.file);
      if (found === wanted.file.digest.hex) return await rename(part, to);
      const pointer = await isPointer(part);
      await rm(part, { force: true });
      // An old beginning may be of another file; a second difference is the hub's.
      if (altered > 0) throw otherBytes(call, wanted, found, pointer);
    }
  } catch (error) {
    throw asStorageError(error);
  }
}

/** One request for what is missing. */
async function fetchRest(
  call: HubCall,
  { name, commit, file }: WantedFile,
  part: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const have = await sizeOf(part);
  onBytes(have);
  if (have === file.bytes && have > 0) return;
  const from = have > file.bytes ? 0 : have;
  const path = `/${name}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`;
  const range: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const end = await requestOf(call, { name, revision: commit }, path, range, async (answer) => {
    const start = answer.status === 206 ? startOf(answer, from, file.bytes) : 0;
    if (start !== null) return write(answer, part, start, file.bytes, onBytes);
    await rm(part, { force: true });
    throw unavailable(`${call.endpoint} sent another part of ${name}/${file.path} than was asked for`);
  });
  if (end < file.bytes) throw unavailable(`${name}/${file.path} ended after ${end} of ${file.bytes} bytes`);
}

/** Where a part of the file begins; null for a part that was not asked for. */
function startOf({ headers }: HubAnswer, from: number, bytes: number): number | null {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  return Number(start) === from && (total === "*" || Number(total) === bytes) ? from : null;
}

/** Writes a body from `start` on. Returns the length of the file. */
async function write(
  { body }: HubAnswer,
  part: string,
  start: number,
  most: number,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const handle = await open(part, start > 0 ? "r+" : "w");
  let at = start;
  try {
    for await (const piece of body()) {
      await writeAll(handle, piece, at);
      at += piece.length;
      onBytes(at);
      // A body may be endless. One that is too long has another digest.
      if (at > most) break;
    }
  } finally {
    await handle.close();
  }
  return at;
}

async function writeAll(handle: FileHandle, piece: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done, at + done);
    done += bytesWritten;
  }
}

async function digestOf(path: string, { digest, bytes }: HubFile): Promise<string> {
  const hash = createHash(digest.kind === "git" ? "sha1" : "sha256");
  // Git's id of a blob is over this header and the content.
  if (digest.kind === "git") hash.update(`blob ${bytes}\0`);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

async function isFetched(path: string, file: HubFile): Promise<boolean> {
  return (await sizeOf(path)) === file.bytes && file.bytes > 0 && (await digestOf(path, file)) === file.digest.hex;
}

function otherBytes({ endpoint }: HubCall, { name, file }: WantedFile, found: string, pointer: boolean): WinnowError {
  const what = file.digest.kind === "git" ? "git blob id" : "SHA-256";
  const why = pointer ? "it sent the pointer of Git LFS instead of the file" : "they were not kept";
  return refused(
    `${endpoint} sent other bytes of ${name}/${file.path} than it states, twice: ${what} ${found} instead of ${file.digest.hex}; ${why}`,
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
