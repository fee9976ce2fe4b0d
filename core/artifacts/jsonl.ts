import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { WinnowError } from "../errors.ts";

const CHUNK_CHARACTERS = 1 << 18;

/**
 * Reads a file of one JSON value a line; blank lines are skipped.
 * Throws CorruptArtifact naming file and line when a line is not JSON.
 */
export async function readJsonLines<T>(file: string): Promise<T[]> {
  const values: T[] = [];
  for await (const value of eachJsonLine<T>(file)) values.push(value);
  return values;
}

/** The values of such a file one after the other, for files too large to hold. */
export async function* eachJsonLine<T>(file: string): AsyncGenerator<T> {
  for await (const line of eachLine(file)) yield parseLine<T>(file, line);
}

/** How many lines of such a file are not blank; none is parsed. */
export async function countJsonLines(file: string): Promise<number> {
  let count = 0;
  for await (const _ of eachLine(file)) count++;
  return count;
}

/** A line of such a file that is not parsed yet. */
export interface JsonLine {
  /** From 1, blank lines counted. */
  number: number;
  text: string;
}

/** The lines of such a file that are not blank, for readers that want the values of some only: see {@link parseLine}. */
export async function* eachLine(file: string): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const text of linesOf(file)) {
    number++;
    if (text.trim() !== "") yield { number, text };
  }
}

/** The value of a line. Throws CorruptArtifact naming file and line when it is not JSON. */
export function parseLine<T>(file: string, { number, text }: JsonLine): T {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WinnowError("CorruptArtifact", `${file}, line ${number}: not JSON`, { cause });
  }
}

/** Lines ended by \n alone: newer versions of `readline` also split at U+2028, which JSON strings may hold. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: CHUNK_CHARACTERS })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest;
}

/** Writes one JSON value a line and syncs the file; returns how many lines were written. */
export async function writeJsonLines(
  file: string,
  values: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<number> {
  const handle = await open(file, "w");
  try {
    let pending = "";
    let count = 0;
    for await (const value of values) {
      pending += `${JSON.stringify(value)}\n`;
      count++;
      if (pending.length < CHUNK_CHARACTERS) continue;
      await handle.writeFile(pending);
      pending = "";
    }
    await handle.writeFile(pending);
    await handle.sync();
    return count;
  } finally {
    await handle.close();
  }
}
