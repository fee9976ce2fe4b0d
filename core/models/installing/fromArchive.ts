import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { visibleName } from "../../base/controls.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { givenChunks, Unreadable } from "../../base/given/files.ts";
import { entryProblem } from "../../docs/archive.ts";
import { isWanted, mostBytes } from "./modelFiles.ts";

const MAX_ARCHIVE_BYTES = 4_000_000_000;
/** Also counts what is skipped, so that a bomb ends soon. */
const MAX_UNPACKED_BYTES = 6_000_000_000;
const MAX_ENTRIES = 10_000;
/** Folders around the model's own, such as the archive's top folder. */
const MAX_AROUND = 3;

/**
 * Unpacks what Winnow may need of a model's `.tar.gz` into an empty folder. Returns the model's folder in it. Throws
 * BadModel naming the entry for `..`, absolute paths, links, devices and duplicates, and for archives that are damaged,
 * unpack to too much, or hold no model or several.
 */
export async function unpackModel(archive: string, into: string): Promise<string> {
  const unpacked: string[] = [];
  let refused: unknown;
  const read = async (chunks: AsyncIterable<Buffer>) => {
    try {
      await parse(chunks, into, unpacked);
    } catch (error) {
      refused = error;
      throw error;
    }
  };
  try {
    await pipeline(givenChunks(archive, { maxBytes: MAX_ARCHIVE_BYTES }), createGunzip(), read);
  } catch (aborted) {
    // The pipeline may report only that its reader stopped.
    const error = refused ?? aborted;
    if (error instanceof WinnowError || (error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    const problem = error instanceof Unreadable ? error.message : `is not a valid .tar.gz: ${messageOf(error)}`;
    throw new WinnowError("BadModel", `${archive} ${problem}`);
  }
  return join(into, modelRoot(archive, unpacked));
}

async function parse(chunks: AsyncIterable<Buffer>, into: string, unpacked: string[]): Promise<void> {
  let failure: Error | null = null;
  let bytes = 0;
  let entries = 0;
  const seen = new Set<string>();
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const path = entry.path.replace(/^(\.\/)+/, "");
      const problem = seen.has(path) ? "appears twice" : (entryProblem(entry) ?? sizeProblem(entry, path));
      if (entry.type !== "Directory") seen.add(path);
      if (problem !== null) failure ??= new WinnowError("BadModel", `entry "${visibleName(entry.path)}" ${problem}`);
      if (++entries > MAX_ENTRIES) failure ??= new Error(`it has more than ${MAX_ENTRIES} entries`);
      if (failure || entry.type === "Directory" || wantedPart(path) === null) return void entry.resume();
      unpacked.push(path);
      write(entry, join(into, ...path.split("/")), (error) => {
        failure ??= error;
      });
    },
  });
  parser.on("error", (error: Error) => {
    failure ??= error;
  });
  const ended = new Promise<void>((settle) => parser.on("end", settle));
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_UNPACKED_BYTES) failure ??= new Error(`it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
    if (!failure) parser.write(chunk);
    if (failure) throw failure;
  }
  parser.end();
  if (failure) throw failure;
  await ended;
}

/** Written as it arrives: a parser that is not waited for would hold all weights in memory. */
function write(entry: ReadEntry, file: string, failed: (error: Error) => void): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(file, "wx");
    entry.on("data", (chunk: Buffer) => {
      try {
        for (let done = 0; done < chunk.length; ) done += writeSync(handle, chunk, done);
      } catch (error) {
        failed(error as Error);
      }
    });
    entry.on("end", () => closeSync(handle));
  } catch (error) {
    entry.resume();
    failed(error as Error);
  }
}

function sizeProblem({ size }: ReadEntry, path: string): string | null {
  const part = wantedPart(path);
  return part !== null && size > mostBytes(part)
    ? `has ${size} bytes, more than the ${mostBytes(part)} that are read`
    : null;
}

/** The path inside the model's folder of a file that Winnow may need; null for all others. */
function wantedPart(path: string): string | null {
  const steps = path.split("/");
  for (let around = 0; around <= MAX_AROUND && around < steps.length; around++) {
    const part = steps.slice(around).join("/");
    if (isWanted(part)) return part;
  }
  return null;
}

/** The folder of the archive that holds the model. */
function modelRoot(archive: string, unpacked: readonly string[]): string {
  const configs = unpacked.filter((path) => ["config.json", "modules.json"].includes(wantedPart(path) ?? ""));
  const roots = [...new Set(configs.map((path) => dirname(path)))];
  if (roots.length === 1) return roots[0]!;
  const found =
    roots.length === 0 ? "holds no config.json of a model" : `holds several models: ${roots.slice(0, 3).join(", ")}`;
  throw new WinnowError("BadModel", `${archive} ${found}`);
}
