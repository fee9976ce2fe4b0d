import { closeSync, openSync, readSync } from "node:fs";
import type { StoredPassage } from "../docs/windows.ts";
import { corrupt, linesOf } from "./files.ts";
import { passageOf, passagesFile } from "./passages.ts";

/** Passages kept in memory after they were read. */
const KEPT = 2048;

/** The passages of a corpus by position: an array, or their file. */
export type PassageList = Pick<readonly StoredPassage[], "length" | "at" | "entries" | "values">;

/**
 * The passages of an ingest artifact, read from their file when they are needed. Memory holds 8 bytes for each passage,
 * and those that were read last.
 */
export class PassagesOnDisk implements PassageList {
  private readonly kept = new Map<number, StoredPassage>();

  /** @param starts offset of each passage in the file; one more at the end. */
  private constructor(
    private readonly path: string,
    private readonly file: number,
    private readonly starts: Float64Array,
  ) {}

  /**
   * Opens the passages and checks each of them. Throws as `eachPassage`.
   *
   * @param see receives each passage once, in order.
   */
  static async open(
    ingestDir: string,
    see: (passage: StoredPassage, position: number) => void = () => {},
  ): Promise<PassagesOnDisk> {
    const path = passagesFile(ingestDir);
    let starts = new Float64Array(1 << 10);
    let count = 0;
    let end = 0;
    for await (const lines of linesOf(path))
      for (const line of lines) {
        if (count + 1 >= starts.length) starts = doubled(starts);
        starts[count] = line.start;
        end = line.start + line.bytes.length;
        see(passageOf(path, line), count++);
      }
    starts[count] = end;
    return new PassagesOnDisk(path, openSync(path, "r"), starts.slice(0, count + 1));
  }

  get length(): number {
    return this.starts.length - 1;
  }

  /** Undefined outside the corpus. Throws `CorruptArtifact` if the file has changed. */
  at(position: number): StoredPassage | undefined {
    if (!(position >= 0 && position < this.length)) return undefined;
    const known = this.kept.get(position);
    if (known) return known;
    const passage = this.read(position);
    if (this.kept.size >= KEPT) this.kept.delete(this.kept.keys().next().value!);
    this.kept.set(position, passage);
    return passage;
  }

  *entries(): ArrayIterator<[number, StoredPassage]> {
    for (let position = 0; position < this.length; position++) yield [position, this.read(position)];
    return undefined;
  }

  *values(): ArrayIterator<StoredPassage> {
    for (const [, passage] of this.entries()) yield passage;
    return undefined;
  }

  close(): void {
    closeSync(this.file);
  }

  private read(position: number): StoredPassage {
    const start = this.starts[position]!;
    const bytes = Buffer.allocUnsafe(this.starts[position + 1]! - start);
    if (readSync(this.file, bytes, 0, bytes.length, start) !== bytes.length) throw corrupt(this.path, "ends too early");
    return passageOf(this.path, { number: position + 1, start, bytes });
  }
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
