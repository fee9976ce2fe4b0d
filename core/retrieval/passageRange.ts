import { WinnowError } from "../base/errors.ts";
import { type JsonLine, lineBlocks, parseLine } from "../base/jsonl.ts";
import { type StoredPassage, windowCount } from "../docs/windows.ts";

/** A part of a corpus. */
export interface PassageRange {
  passages: StoredPassage[];
  /** Windows of all passages before it: the row of its first vector. */
  firstRow: number;
}

/**
 * Passages `[first, last)` of `passages.jsonl`, default: all. The others are neither kept nor, but for those before that
 * have several windows, parsed, nor does reading go on behind it: a shard of a large corpus costs what it holds.
 *
 * Throws `BadInput` where the range is empty, `CorruptArtifact` for a line it parses that is not JSON.
 */
export async function readPassageRange(
  file: string,
  { first = 0, last }: { first?: number; last?: number },
): Promise<PassageRange> {
  const end = last ?? Number.POSITIVE_INFINITY;
  const passages: StoredPassage[] = [];
  let firstRow = 0;
  let at = 0;
  for await (const lines of lineBlocks(file)) {
    for (const line of lines) {
      if (at < first) firstRow += windowsIn(file, line);
      else if (at < end) passages.push(parseLine(file, line));
      at++;
    }
    if (at >= end && passages.length > 0) break;
  }
  if (passages.length > 0) return { passages, firstRow };
  throw new WinnowError("BadInput", `no passages ${first} to ${last ?? "the end"}: there are ${at}`);
}

/** Only keys stand between bare quotes before a colon: inside a text JSON escapes them. */
function windowsIn(file: string, line: JsonLine): number {
  return line.bytes.includes('"windows":') ? windowCount(parseLine<StoredPassage>(file, line)) : 1;
}
