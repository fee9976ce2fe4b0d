import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../base/errors.ts";
import { type JsonLine, lineBlocks, parseLine } from "../base/jsonl.ts";
import { formatProblem, NewerFormat } from "../base/storedFormat.ts";

const MISSING = "it is missing";

/** The error of an artifact's file that is missing or has unexpected content. */
export function corrupt(path: string, reason: string, cause?: unknown): WinnowError {
  return new WinnowError("CorruptArtifact", `${path}: ${reason}`, { cause });
}

/** Yields the unparsed lines of a JSON Lines file, in blocks. Throws `CorruptArtifact` if the file is missing. */
export async function* linesOf(file: string): AsyncGenerator<JsonLine[]> {
  try {
    yield* lineBlocks(file);
  } catch (cause) {
    throw isMissing(cause) ? corrupt(file, MISSING, cause) : cause;
  }
}

/**
 * Reads the values of a JSON Lines file. Throws `CorruptArtifact` naming the file and, for a value that is not JSON or
 * fails `fits`, the line.
 */
export async function readLines<T extends object>(file: string, fits?: (value: T) => boolean): Promise<T[]> {
  const values: T[] = [];
  for await (const lines of linesOf(file)) for (const line of lines) values.push(lineValue(file, line, fits));
  return values;
}

/** Parses one line. Throws as {@link readLines}. */
export function lineValue<T extends object>(file: string, line: JsonLine, fits: (value: T) => boolean = () => true): T {
  const value = parseLine<T | null>(file, line);
  if (typeof value === "object" && value !== null && fits(value)) return value;
  throw corrupt(file, `line ${line.number} has unexpected content`);
}

/**
 * Reads the value of a JSON file. Throws `CorruptArtifact` if it is missing, is not JSON, has an unknown format, or
 * `parse` throws.
 */
export async function readValue<T>(
  folder: string,
  name: string,
  parse: (value: unknown) => T = (value) => objectOf(value) as T,
): Promise<T> {
  const path = join(folder, name);
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    const newer = formatProblem(value);
    if (newer !== null) throw new NewerFormat(path, newer);
    return parse(value);
  } catch (cause) {
    if (cause instanceof NewerFormat) throw cause;
    throw corrupt(path, isMissing(cause) ? MISSING : messageOf(cause), cause);
  }
}

/** Writes a value as indented JSON; creates the folder if necessary. */
export async function writeValue(folder: string, name: string, value: unknown, indent = 2): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `${JSON.stringify(value, null, indent)}\n`);
}

function objectOf(value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not a JSON object");
  return value;
}

function isMissing(cause: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR"].includes((cause as NodeJS.ErrnoException).code ?? "");
}
