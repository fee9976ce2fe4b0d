import { sep } from "node:path";
import { onThread, STEP_MS, takeThread, Unreadable } from "./threads.ts";

// Reading of files that an input names: question sets, labelled pairs, docs. Whoever may start a run chooses them, so
// each is looked at first: a regular file, below a size, and below the allowed folders once links are resolved. No read
// can last for ever or hold a thread that others need.

export { Unreadable } from "./threads.ts";

export const MB = 1_000_000;

export interface ReadLimits {
  /** Larger files are refused unread. */
  maxBytes: number;
  /** False for files found in a folder, where a link is no file. Default: links are resolved. */
  follow?: boolean;
  /** Longest time of one step. */
  stepMs?: number;
}

/** What lies at a path once links are resolved. */
export interface Found {
  /** The path without links. */
  real: string;
  kind: "file" | "folder" | "pipe" | "socket" | "device";
  size: number;
  /** Changes with the content. */
  stamp: string;
}

export interface Entry {
  name: string;
  kind: Found["kind"] | "link";
}

interface Opened {
  handle: number;
  bytes: Uint8Array;
  end: boolean;
}
type Refused = { refused: Entry["kind"] | "size" | "changed"; size?: number };

const NAMES: Record<string, string> = {
  folder: "is a folder, not a file",
  link: "is a symbolic link",
  pipe: "is a pipe (FIFO), not a file",
  socket: "is a socket, not a file",
  device: "is a device, not a file",
  changed: "was replaced while it was opened",
};

/** What lies at a path, or null if there is nothing. Throws Unreadable. */
export function lookAt(path: string, stepMs = STEP_MS): Promise<Found | null> {
  return onThread(async (thread) => {
    try {
      return await thread.ask<Found>("look", { path });
    } catch (error) {
      if (error instanceof Unreadable && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
      throw error;
    }
  }, stepMs);
}

/** True if the place lies below one of the folders, which are resolved too. Throws Unreadable. */
export async function liesBelow(found: Pick<Found, "real">, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const root = await lookAt(folder).catch(() => null);
    if (root && `${found.real}${sep}`.startsWith(root.real.endsWith(sep) ? root.real : `${root.real}${sep}`))
      return true;
  }
  return false;
}

/** Names and kinds of a folder's entries, at most `most`. Throws Unreadable. */
export async function listGiven(path: string, most: number): Promise<Entry[]> {
  const listed = await onThread((thread) => thread.ask<{ entries: Entry[]; more: boolean }>("list", { path, most }));
  if (listed.more) throw new Unreadable("E2BIG", `holds more than ${most} entries`);
  return listed.entries;
}

/** All bytes of a regular file. Throws Unreadable. */
export async function readGiven(path: string, limits: ReadLimits): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of givenChunks(path, limits)) chunks.push(chunk);
  const [only] = chunks;
  if (chunks.length === 1 && only) return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  return Buffer.concat(chunks);
}

/** The first bytes of a regular file that is no link, at most `bytes`. Throws Unreadable. */
export function readBeginning(path: string, bytes: number): Promise<Uint8Array> {
  return onThread(async (thread) => {
    const limits = { most: Number.MAX_SAFE_INTEGER, follow: false, first: bytes };
    const opened = await thread.ask<Opened | Refused>("open", { path, ...limits });
    if ("refused" in opened) throw refusal(opened, limits.most);
    if (!opened.end) await thread.ask("close", { handle: opened.handle });
    return opened.bytes;
  });
}

/** A regular file's UTF-8 text. Throws Unreadable, also for bytes that are no UTF-8. */
export async function readGivenText(path: string, limits: ReadLimits): Promise<string> {
  const bytes = await readGiven(path, limits);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable("EILSEQ", "is not valid UTF-8 text");
  }
}

/** A regular file's bytes in pieces of a few megabytes, for files too large for memory. Throws Unreadable. */
export async function* givenChunks(path: string, { maxBytes, follow = true, stepMs }: ReadLimits) {
  const thread = await takeThread(stepMs);
  try {
    const first = await thread.ask<Opened | Refused>("open", { path, most: maxBytes, follow });
    if ("refused" in first) throw refusal(first, maxBytes);
    const { handle } = first;
    let step: Pick<Opened, "bytes" | "end"> = first;
    let total = 0;
    try {
      while (!step.end) {
        total += step.bytes.length;
        if (total > maxBytes) throw refusal({ refused: "size" }, maxBytes);
        yield step.bytes;
        step = await thread.ask("next", { handle });
      }
    } finally {
      if (!step.end) await thread.ask("close", { handle }).catch(() => {});
    }
  } finally {
    thread.free();
  }
}

function refusal({ refused, size }: Refused, maxBytes: number): Unreadable {
  if (refused !== "size") return new Unreadable("EINVAL", NAMES[refused] ?? "is not a file");
  const has = size === undefined ? "is" : `has ${Math.ceil(size / MB)} MB,`;
  return new Unreadable("EFBIG", `${has} more than the ${Math.floor(maxBytes / MB)} MB that are read`);
}
