import { createReadStream } from "node:fs";
import { finished } from "node:stream/promises";
import { Parser, type ReadEntry } from "tar";
import { messageOf, WinnowError } from "../errors.ts";
import { isMarkdown, MAX_FILES, MAX_PAGE_BYTES, type SourceFile } from "./sourceFile.ts";

const MAX_ARCHIVE_BYTES = 2_000_000_000;

/**
 * Markdown files of a `.tar.gz`, read in memory: nothing is unpacked to disk.
 * Throws BadSource naming the entry for `..`, absolute paths, links, devices, duplicates, names that differ only by
 * case, archives that grow beyond 2 GB, and archives that are cut or damaged.
 */
export async function readArchive(path: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const refuse = entryGuard(path);
  const input = createReadStream(path);
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        refuse(entry);
      } catch (error) {
        entry.resume();
        parser.abort(error as Error);
        return;
      }
      if (entry.type === "Directory" || !isMarkdown(entry.path)) return void entry.resume();
      collect(entry, files);
    },
  });
  try {
    await new Promise<void>((settle, fail) => {
      parser.on("error", fail);
      parser.on("abort", fail);
      parser.on("end", () => settle());
      input.on("error", fail);
      input.pipe(parser as unknown as NodeJS.WritableStream);
    });
  } catch (error) {
    if (error instanceof WinnowError) throw error;
    throw new WinnowError("BadSource", `${path} is no sound .tar.gz: ${messageOf(error)}`);
  } finally {
    input.destroy();
    await finished(input).catch(() => {});
  }
  return files;
}

function collect(entry: ReadEntry, files: SourceFile[]): void {
  if (entry.size > MAX_PAGE_BYTES) {
    entry.resume();
    files.push({ path: clean(entry.path), bytes: Buffer.alloc(MAX_PAGE_BYTES + 1, 0x20) });
    return;
  }
  const chunks: Buffer[] = [];
  entry.on("data", (chunk: Buffer) => chunks.push(chunk));
  entry.on("end", () => files.push({ path: clean(entry.path), bytes: Buffer.concat(chunks) }));
}

function clean(path: string): string {
  return path.replace(/^(\.\/)+/, "");
}

/** Looks at each entry before its content is read. */
function entryGuard(archive: string): (entry: ReadEntry) => void {
  const seen = new Map<string, string>();
  let bytes = 0;
  return ({ path, type, size }) => {
    const refuse = (why: string) => new WinnowError("BadSource", `${archive} is refused: entry "${path}" ${why}.`);
    if (path.startsWith("/") || /^[A-Za-z]:/.test(path) || path.includes("\\")) throw refuse("is no relative path");
    if (path.split("/").includes("..")) throw refuse("leads out of the archive");
    if (type !== "File" && type !== "OldFile" && type !== "ContiguousFile" && type !== "Directory")
      throw refuse(`is a ${type}; only files and folders are read`);
    bytes += size ?? 0;
    if (bytes > MAX_ARCHIVE_BYTES) throw refuse(`makes it larger than ${MAX_ARCHIVE_BYTES} bytes`);
    if (type === "Directory") return;
    const name = clean(path);
    const before = seen.get(name.toLowerCase());
    if (before === name) throw refuse("is there twice");
    if (before !== undefined) throw refuse(`differs from "${before}" only by case`);
    seen.set(name.toLowerCase(), name);
    if (seen.size > MAX_FILES) throw refuse(`is one of more than ${MAX_FILES} files`);
  };
}
