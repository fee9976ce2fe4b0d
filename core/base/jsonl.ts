import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { WinnowError } from "./errors.ts";

/** Bytes read, or characters written, at a time. */
const CHUNK = 1 << 18;
const NEWLINE = 10;
const SPACE = 32;

/**
 * Reads a JSON Lines file; blank lines are skipped. Throws CorruptArtifact naming file and line when a line is not
 * JSON.
 */
export async function readJsonLines<T>(file: string): Promise<T[]> {
  const values: T[] = [];
  for await (const lines of lineBlocks(file)) for (const line of lines) values.push(parseLine(file, line));
  return values;
}

/** Yields the values of a JSON Lines file one by one, for files too large for memory. */
export async function* eachJsonLine<T>(file: string): AsyncGenerator<T> {
  for await (const lines of lineBlocks(file)) for (const line of lines) yield parseLine<T>(file, line);
}

/** The number of lines that are not blank; no line is parsed. */
export async function countJsonLines(file: string): Promise<number> {
  let count = 0;
  for await (const lines of lineBlocks(file)) count += lines.length;
  return count;
}

/** A raw line, neither decoded nor parsed: both take longer than finding its end. */
export interface JsonLine {
  /** Line number from 1; blank lines count. */
  number: number;
  /** Offset of its first byte in the file. */
  start: number;
  bytes: Buffer;
}

/**
 * Yields the lines that are not blank, for readers that need only some of the values: see {@link parseLine}. Lines come
 * in blocks, because one asynchronous step per line costs more than the line.
 *
 * Lines end with \n alone: newer versions of `readline` also split at U+2028, which JSON strings may contain.
 */
export async function* lineBlocks(file: string): AsyncGenerator<JsonLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let offset = 0;
  const linesOf = (block: Buffer) => {
    const lines: JsonLine[] = [];
    for (let start = 0, end = 0; start < block.length; start = end + 1) {
      end = block.indexOf(NEWLINE, start);
      if (end < 0) end = block.length;
      const line = { number: ++number, start: offset + start, bytes: block.subarray(start, end) };
      if (line.bytes.some((byte) => byte > SPACE)) lines.push(line);
    }
    offset += block.length;
    return lines;
  };
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    const block = Buffer.concat([rest, chunk]);
    const whole = block.lastIndexOf(NEWLINE) + 1;
    rest = block.subarray(whole);
    yield linesOf(block.subarray(0, whole));
  }
  yield linesOf(rest);
}

/** Parses one line. Throws CorruptArtifact naming file and line when it is not JSON. */
export function parseLine<T>(file: string, { number, bytes }: JsonLine): T {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new WinnowError("CorruptArtifact", `${file}, line ${number}: not JSON`, { cause });
  }
}

/** Writes one JSON value per line and syncs the file; returns the number of lines. */
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
      if (pending.length < CHUNK) continue;
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
