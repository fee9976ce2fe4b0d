import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { type JsonLine, writeJsonLines } from "../base/jsonl.ts";
import type { LinkRecord } from "../docs/links.ts";
import type { Quarantined } from "../docs/pages.ts";
import { type StoredPassage, windowCount, windowInputs } from "../docs/windows.ts";
import { linesOf, lineValue, readLines, writeValue } from "./files.ts";

/** Files of an ingest artifact. */
const PASSAGES = "passages.jsonl";
const PAGES = "pages.jsonl";
const LINKS = "links.jsonl";
const QUARANTINE = "quarantine.jsonl";
const STATS = "stats.json";

/** A page of the docs. */
export interface PageRecord {
  /** Path relative to the docs' root. */
  page: string;
  title: string;
  /** SHA-256 of the file's bytes. */
  digest: string;
  url: string;
  /** Number of passages from this page. */
  passages: number;
  lines: number;
}

/** Counts of one ingest. Equal docs give equal counts. */
export interface IngestStats {
  pages: number;
  passages: number;
  /** Parts of passages, each embedded separately. */
  windows: number;
  quarantined: number;
  drafts: number;
  links: number;
  /** Shortcodes shown as a caption because their text is not in the source, by name. */
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

export async function writeIngested(outDir: string, docs: IngestedDocs): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeJsonLines(join(outDir, PASSAGES), docs.passages);
  await writeJsonLines(join(outDir, PAGES), docs.pages);
  await writeJsonLines(join(outDir, LINKS), docs.links);
  await writeJsonLines(join(outDir, QUARANTINE), docs.quarantined);
  await writeValue(outDir, STATS, docs.stats, 1);
}

/** The file of an ingest artifact that holds its passages. */
export function passagesFile(ingestDir: string): string {
  return join(ingestDir, PASSAGES);
}

/**
 * Yields the passages of an ingest artifact one by one, for corpora too large for memory.
 *
 * @throws WinnowError `CorruptArtifact` naming the file and the line that is not a passage
 */
export async function* eachPassage(ingestDir: string): AsyncGenerator<StoredPassage> {
  const file = join(ingestDir, PASSAGES);
  for await (const lines of linesOf(file)) for (const line of lines) yield passageOf(file, line);
}

/** Yields the text of each window of the passages, as embedder and reranker read it. Throws as {@link eachPassage}. */
export async function* eachWindowInput(ingestDir: string): AsyncGenerator<string> {
  for await (const passage of eachPassage(ingestDir)) yield* windowInputs(passage);
}

/** All passages of an ingest artifact, in order. Throws as {@link eachPassage}. */
export async function readPassages(ingestDir: string): Promise<StoredPassage[]> {
  const file = join(ingestDir, PASSAGES);
  const passages: StoredPassage[] = [];
  for await (const lines of linesOf(file)) for (const line of lines) passages.push(passageOf(file, line));
  return passages;
}

/** Counts the passages of an ingest artifact without parsing them. Throws `CorruptArtifact`. */
export async function countPassages(ingestDir: string): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(join(ingestDir, PASSAGES))) count += lines.length;
  return count;
}

/**
 * Row of the first window of each passage, and one more at the end. Passages are parsed only if they have several
 * windows. Throws as {@link eachPassage} for a parsed line.
 *
 * @param count passages of the artifact
 */
export async function readFirstRows(ingestDir: string, count: number): Promise<Uint32Array> {
  const file = join(ingestDir, PASSAGES);
  const rows = new Uint32Array(count + 1);
  let [position, row] = [0, 0];
  for await (const lines of linesOf(file))
    for (const line of lines) {
      row += windowsIn(file, line);
      rows[++position] = row;
    }
  return rows;
}

/** A part of a corpus. */
export interface PassageRange {
  passages: StoredPassage[];
  /** Number of windows in all earlier passages: the row of its first vector. */
  firstRow: number;
}

/**
 * Passages `[first, last)` of an ingest artifact, by default all. Other passages are not kept, and reading stops at
 * `last`. Earlier passages are parsed only if they have several windows. The cost of a shard is thus in proportion to
 * its size.
 *
 * Throws `BadInput` for an empty range, and as {@link eachPassage} for a parsed line.
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
  throw new WinnowError("BadInput", `no passages in the range ${first} to ${last ?? "the end"}: there are ${at}`);
}

/** Links of the docs to their own sections. Throws `CorruptArtifact`. */
export function readLinks(ingestDir: string): Promise<LinkRecord[]> {
  return readLines<LinkRecord>(join(ingestDir, LINKS));
}

/** The pages of an ingest artifact. Throws `CorruptArtifact`. */
export function readPageRecords(ingestDir: string): Promise<PageRecord[]> {
  return readLines<PageRecord>(join(ingestDir, PAGES));
}

/** The pages that ingest could not read, with the reasons. Throws `CorruptArtifact`. */
export function readQuarantined(ingestDir: string): Promise<Quarantined[]> {
  return readLines<Quarantined>(join(ingestDir, QUARANTINE));
}

/** Only a key has bare quotes before a colon: inside a text JSON escapes them. */
function windowsIn(file: string, line: JsonLine): number {
  return line.bytes.includes('"windows":') ? windowCount(passageOf(file, line)) : 1;
}

/** Parses a line of the passages. Throws as {@link eachPassage}. */
export function passageOf(file: string, line: JsonLine): StoredPassage {
  return lineValue<StoredPassage>(
    file,
    line,
    ({ text, heading }) => typeof text === "string" && Array.isArray(heading),
  );
}
