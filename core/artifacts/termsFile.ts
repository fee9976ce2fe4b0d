import { closeSync, openSync, readSync, statSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Bm25Settings } from "./bm25File.ts";
import { corrupt, readValue, writeValue } from "./files.ts";

/** Files of a build-index artifact whose passages are on a search server: settings and block starts, and the terms. */
const HEADER = "terms.json";
const TERMS = "terms.jsonl";
/** Terms of a line. A look-up reads one line. */
const BLOCK = 32;
/** Lines kept in memory. */
const KEPT_BLOCKS = 1024;

interface Header {
  schema: 1;
  settings: Bm25Settings;
  passages: number;
  terms: number;
  bytes: number;
  /** First term of each line, with the offset of the line. */
  blocks: [string, number][];
}

/** A term of the corpus. */
export interface Term {
  /** Place in the sorted list of all terms. */
  id: number;
  /** Passages that contain it. */
  frequency: number;
}

/** The file of all terms and their frequencies. */
export function termsFile(folder: string): string {
  return join(folder, TERMS);
}

/** Writes the terms of a corpus, sorted. @param frequencies passages that contain each term. */
export async function writeTerms(
  folder: string,
  frequencies: ReadonlyMap<string, number>,
  { settings, passages }: Pick<Header, "settings" | "passages">,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const terms = [...frequencies.keys()].sort();
  const blocks: Header["blocks"] = [];
  let bytes = 0;
  const file = await open(termsFile(folder), "w");
  try {
    for (let start = 0; start < terms.length; start += BLOCK) {
      const pairs = terms.slice(start, start + BLOCK).map((term) => [term, frequencies.get(term)!]);
      const line = Buffer.from(`${JSON.stringify(pairs)}\n`);
      blocks.push([terms[start]!, bytes]);
      bytes += line.length;
      await file.write(line);
    }
  } finally {
    await file.close();
  }
  const header: Header = { schema: 1, settings, passages, terms: terms.length, bytes, blocks };
  await writeValue(folder, HEADER, header, 0);
}

/**
 * The terms of a corpus, read from their file one block at a time. Memory holds the first term of each block and some
 * blocks, not the vocabulary.
 */
export class TermTable {
  private readonly kept = new Map<number, [string, number][]>();

  private constructor(
    private readonly header: Header,
    private readonly path: string,
    private readonly file: number,
  ) {}

  /** Throws `CorruptArtifact` when a file is missing or has another size. */
  static async open(folder: string): Promise<TermTable> {
    const header = await readValue<Header>(folder, HEADER);
    const path = termsFile(folder);
    try {
      const { size } = statSync(path);
      if (size !== header.bytes) throw new Error(`expected ${header.bytes} bytes, found ${size}`);
      return new TermTable(header, path, openSync(path, "r"));
    } catch (cause) {
      throw corrupt(path, messageOf(cause), cause);
    }
  }

  get settings(): Bm25Settings {
    return this.header.settings;
  }

  get passages(): number {
    return this.header.passages;
  }

  /** Null if no passage contains the term. */
  find(term: string): Term | null {
    const at = this.blockOf(term);
    if (at < 0) return null;
    const block = this.block(at);
    const place = block.findIndex(([known]) => known === term);
    return place < 0 ? null : { id: at * BLOCK + place, frequency: block[place]![1] };
  }

  close(): void {
    closeSync(this.file);
  }

  /** The last block that starts at or before the term. */
  private blockOf(term: string): number {
    const { blocks } = this.header;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (blocks[middle]![0] <= term) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private block(at: number): [string, number][] {
    const known = this.kept.get(at);
    if (known) return known;
    const { blocks, bytes } = this.header;
    const [start, end] = [blocks[at]![1], blocks[at + 1]?.[1] ?? bytes];
    const line = Buffer.alloc(end - start);
    if (readSync(this.file, line, 0, line.length, start) !== line.length) throw corrupt(this.path, "ends too early");
    const pairs = JSON.parse(line.toString("utf8")) as [string, number][];
    if (this.kept.size >= KEPT_BLOCKS) this.kept.delete(this.kept.keys().next().value!);
    this.kept.set(at, pairs);
    return pairs;
  }
}
