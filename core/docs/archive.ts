import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { visibleName } from "../base/controls.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { givenChunks } from "../base/given/files.ts";
import {
  BEGINNING_BYTES,
  claims,
  isBuilt,
  isByContent,
  isConfigFile,
  isPage,
  maxBytesOf,
  pagesAmong,
} from "./formats/index.ts";
import { isUnread } from "./formats/unread.ts";
import { type FoundFiles, MAX_FILES, MAX_SOURCE_BYTES } from "./sourceFile.ts";

const MAX_ARCHIVE_BYTES = 2_000_000_000;
const KINDS = new Set(["File", "OldFile", "ContiguousFile", "Directory"]);

/**
 * Reads the pages of a `.tar.gz` in memory; nothing is unpacked to disk.
 * Throws BadSource naming the entry for `..`, absolute paths, links, devices, duplicates and names that differ only by
 * case. Also throws it for archives that unpack to over 2 GB, hold over 500 MB of pages, or are truncated or
 * damaged.
 */
export async function readArchive(path: string): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], configs: [], unread: [] };
  let refused: unknown;
  const read = async (chunks: AsyncIterable<Buffer>) => {
    try {
      await parse(chunks, entryGuard(path), found);
    } catch (error) {
      refused = error;
      throw error;
    }
  };
  try {
    await pipeline(givenChunks(path, { maxBytes: MAX_ARCHIVE_BYTES }), createGunzip(), read);
  } catch (aborted) {
    // The pipeline may report only that its reader stopped.
    const error = refused ?? aborted;
    if (error instanceof WinnowError) throw error;
    throw new WinnowError("BadSource", `${path} is not a valid .tar.gz: ${messageOf(error)}`);
  }
  return found;
}

async function parse(
  chunks: AsyncIterable<Buffer>,
  refusal: (entry: ReadEntry) => WinnowError | null,
  { files, configs, unread }: FoundFiles,
): Promise<void> {
  let failure: Error | null = null;
  let bytes = 0;
  let kept = 0;
  const keep = (file: FoundFiles["files"][number]) => {
    files.push(file);
    kept += file.bytes.length;
    if (kept > MAX_SOURCE_BYTES) failure ??= new Error(`it holds more than ${MAX_SOURCE_BYTES} bytes of pages`);
  };
  let built = 0;
  const keepBuilt = (file: FoundFiles["files"][number]) => {
    built += file.bytes.length;
    if (built <= MAX_SOURCE_BYTES) files.push(file);
  };
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      failure ??= refusal(entry);
      if (entry.type !== "Directory" && isConfigFile(entry.path)) configs.push(clean(entry.path));
      if (entry.type !== "Directory" && isUnread(entry.path)) unread.push(clean(entry.path));
      if (failure || entry.type === "Directory" || !isPage(entry.path)) entry.resume();
      else collect(entry, isBuilt(entry.path) ? keepBuilt : keep);
    },
  });
  parser.on("error", (error: Error) => {
    failure ??= error;
  });
  const ended = new Promise<void>((settle) => parser.on("end", settle));
  for await (const chunk of chunks) {
    bytes += chunk.length;
    // Counts unpacked bytes: padding without entries takes time too.
    if (bytes > MAX_ARCHIVE_BYTES) failure ??= new Error(`it unpacks to more than ${MAX_ARCHIVE_BYTES} bytes`);
    if (!failure) parser.write(chunk);
    if (failure) throw failure;
  }
  parser.end();
  if (failure) throw failure;
  await ended;
  // Built pages beside sources are not read, whatever their size.
  if (built > MAX_SOURCE_BYTES && pagesAmong(files).some(({ path }) => isBuilt(path)))
    throw new Error(`its pages hold more than ${MAX_SOURCE_BYTES} bytes`);
}

/** Keeps a page's bytes; of an oversized page, only blanks, for ingest to refuse it. */
function collect(entry: ReadEntry, keep: (file: FoundFiles["files"][number]) => void): void {
  const path = clean(entry.path);
  const maxBytes = maxBytesOf(path);
  let claimed: boolean | null = isByContent(path) ? null : true;
  let seen = 0;
  const chunks: Buffer[] = [];
  entry.on("data", (chunk: Buffer) => {
    seen += chunk.length;
    if (claimed === false || seen - chunk.length > maxBytes) return;
    chunks.push(chunk);
    if (claimed === null && seen - chunk.length < BEGINNING_BYTES) claimed = claims(path, Buffer.concat(chunks));
    if (claimed === false) chunks.length = 0;
  });
  entry.on("end", () => {
    if (claimed && seen > maxBytes) keep({ path, bytes: Buffer.alloc(maxBytes + 1, 0x20) });
    else if (claimed ?? (seen <= maxBytes && claims(path, Buffer.concat(chunks))))
      keep({ path, bytes: Buffer.concat(chunks) });
  });
}

function clean(path: string): string {
  return path.replace(/^(\.\/)+/, "");
}

/** Why an entry is refused whatever the archive is for: its path leads elsewhere, or it is a link or a device. */
export function entryProblem({ path, type }: Pick<ReadEntry, "path" | "type">): string | null {
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path) || path.includes("\\")) return "is not a relative path";
  if (path.split("/").includes("..")) return "leads out of the archive";
  return KINDS.has(type) ? null : `is a ${type}; only files and folders are read`;
}

/** Checks each entry before its content is read, and returns the reason to refuse the archive. */
function entryGuard(archive: string): (entry: ReadEntry) => WinnowError | null {
  const seen = new Map<string, string>();
  let bytes = 0;
  return ({ path, type, size }) => {
    const refuse = (why: string) =>
      new WinnowError("BadSource", `${archive} is refused: entry "${visibleName(path)}" ${why}.`);
    const problem = entryProblem({ path, type });
    if (problem !== null) return refuse(problem);
    if (type === "Directory") return null;
    if (isPage(path) && !isByContent(path) && !isBuilt(path)) bytes += Math.min(size, maxBytesOf(path));
    if (bytes > MAX_SOURCE_BYTES) return refuse(`brings the pages to more than ${MAX_SOURCE_BYTES} bytes`);
    const name = clean(path);
    const key = name.normalize("NFC").toLowerCase();
    const before = seen.get(key);
    if (before === name) return refuse("appears twice");
    if (before !== undefined) return refuse(`differs from "${before}" only by case`);
    seen.set(key, name);
    return seen.size > MAX_FILES ? refuse(`is one of more than ${MAX_FILES} files`) : null;
  };
}
