import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { type JsonLine, writeJsonLines } from "../base/jsonl.ts";
import type { LinkRecord } from "../docs/links.ts";
import type { Quarantined } from "../docs/pages.ts";
import { type StoredPassage, windowCount } from "../docs/windows.ts";
import { linesOf, lineValue, readLines, writeValue } from "./files.ts";

/** Files of an ingest artifact. */
const PASSAGES = "passages.jsonl";
const PAGES = "pages.jsonl";
const LINKS = "links.jsonl";
const QUARANTINE = "quarantine.jsonl";
const STATS = "stats.json";

/** A page that was read. */
export interface PageRecord {
  /** Path relative to the docs' root. */
  page: string;
  title: string;
  /** SHA-256 of the file's bytes. */
  digest: string;
  url: string;
  /** How many passages it gave. */
  passages: number;
  lines: number;
}

/** Counts of one ingest. Equal docs give equal counts. */
export interface IngestStats {
  pages: number;
  passages: number;
  /** Parts of passages that are embedded one by one. */
  windows: number;
  quarantined: number;
  drafts: number;
  links: number;
  /** Shortcodes that stand as a caption because their text is not in the source, by name. */
  missing: Record<string, number>;
}

/** Content of an ingest artifact. */
export interface IngestedDocs {
  passages: readonly StoredPassage[];
  pages: readonly PageRecord[];
  links: readonly LinkRecord[];
  quarantined: readonly Quarantined[];
  stats: IngestStats;
}

/** Writes an ingest artifact. */
export async function writeIngested(outDir: string, docs: IngestedDocs): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeJsonLines(join(outDir, PASSAGES), docs.passages);
  await writeJsonLines(join(outDir, PAGES), docs.pages);
  await writeJsonLines(join(outDir, LINKS), docs.links);
  await writeJsonLines(join(outDir, QUARANTINE), docs.quarantined);
  await writeValue(outDir, STATS, docs.stats, 1);
}

/**
 * The passages of an ingest artifact, one after the other, for corpora too large to hold.
 *
 * @throws WinnowError `CorruptArtifact` naming the file and the line that is no passage
 */
export async function* eachPassage(ingestDir: string): AsyncGenerator<StoredPassage> {
  const file = join(ingestDir, PASSAGES);
  for await (const lines of linesOf(file)) for (const line of lines) yield passageOf(file, line);
}

/** All passages of an ingest artifact, in order. Throws as {@link eachPassage}. */
export async function readPassages(ingestDir: string): Promise<StoredPassage[]> {
  const file = join(ingestDir, PASSAGES);
  const passages: StoredPassage[] = [];
  for await (const lines of linesOf(file)) for (const line of lines) passages.push(passageOf(file, line));
  return passages;
}

/** How many passages an ingest artifact holds; none is parsed. Throws `CorruptArtifact`. */
export async function countPassages(ingestDir: string): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(join(ingestDir, PASSAGES))) count += lines.length;
  return count;
}

/** A part of a corpus. */
export interface PassageRange {
  passages: StoredPassage[];
  /** Windows of all passages before it: the row of its first vector. */
  firstRow: number;
}

/**
 * Passages `[first, last)` of an ingest artifact, default: all. The others are neither kept nor, but for those before
 * that have several windows, parsed, and reading ends with the range: a shard of a large corpus costs what it holds.
 *
 * Throws `BadInput` where the range is empty, and as {@link eachPassage} for a line it parses.
 */
export async function readPassageRange(
  ingestDir: string,
  { first = 0, last }: { first?: number; last?: number },
): Promise<PassageRange> {
  const file = join(ingestDir, PASSAGES);
  const end = last ?? Number.POSITIVE_INFINITY;
  const passages: StoredPassage[] = [];
  let firstRow = 0;
  let at = 0;
  for await (const lines of linesOf(file)) {
    for (const line of lines) {
      if (at < first) firstRow += windowsIn(file, line);
      else if (at < end) passages.push(passageOf(file, line));
      at++;
    }
    if (at >= end && passages.length > 0) break;
  }
  if (passages.length > 0) return { passages, firstRow };
  throw new WinnowError("BadInput", `no passages ${first} to ${last ?? "the end"}: there are ${at}`);
}

/** Links of the docs to their own sections. Throws `CorruptArtifact`. */
export function readLinks(ingestDir: string): Promise<LinkRecord[]> {
  return readLines<LinkRecord>(join(ingestDir, LINKS));
}

/** The pages of an ingest artifact. Throws `CorruptArtifact`. */
export function readPageRecords(ingestDir: string): Promise<PageRecord[]> {
  return readLines<PageRecord>(join(ingestDir, PAGES));
}

/** Only keys stand between bare quotes before a colon: inside a text JSON escapes them. */
function windowsIn(file: string, line: JsonLine): number {
  return line.bytes.includes('"windows":') ? windowCount(passageOf(file, line)) : 1;
}

function passageOf(file: string, line: JsonLine): StoredPassage {
  return lineValue<StoredPassage>(
    file,
    line,
    ({ text, heading }) => typeof text === "string" && Array.isArray(heading),
  );
}
