import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { KeptStates } from "./keptStates.ts";
import { HEADER_BYTES, headerOf, type RecordHeader, readHeader, recordDigest } from "./stateRecord.ts";
import type { TokenStates } from "./tokenStates.ts";

const { O_APPEND, O_CREAT, O_RDONLY, O_WRONLY } = constants;
const SUFFIX = ".states";
const MOST_SEGMENT_BYTES = 32 * 2 ** 20;
/** Time between two looks for what other processes have added. */
const LOOK_MS = 1000;
/** A segment's time of use is written at most this often. */
const TOUCH_MS = 60_000;

interface Place extends RecordHeader {
  segment: string;
  /** Offset of the states. */
  at: number;
}

/** The states of one model's layers. */
interface Shelf {
  places: Map<string, Place>;
  /** Bytes of each segment whose records are known; null if what follows is no record. */
  read: Map<string, number | null>;
  lookedAt: number;
}

/**
 * Keeps states in files that all processes of a machine share: a folder for each model's layers, and in it segments
 * that records are appended to. Each record has a SHA-256 of its layers, text and states, which is checked when it is
 * read. Beyond `limitBytes` the segments used longest ago are removed. A folder that cannot be written only costs time.
 */
export class StatesOnDisk implements KeptStates {
  private readonly shelves = new Map<string, Shelf>();
  private readonly touched = new Map<string, number>();
  private readonly segmentBytes: number;
  /** Bytes written since the limit was last applied. */
  private unchecked = Number.POSITIVE_INFINITY;
  private warned = false;

  constructor(
    private readonly folder: string,
    private readonly limitBytes: number,
    private readonly warn: (text: string) => void = () => {},
  ) {
    this.segmentBytes = Math.min(MOST_SEGMENT_BYTES, limitBytes / 4);
  }

  find(layers: string, text: string, bytes: number): TokenStates | null {
    const shelf = this.shelf(layers);
    if (!shelf.places.has(text)) this.look(layers, shelf);
    const place = shelf.places.get(text);
    if (place?.bytes !== bytes) return null;
    const states = new Uint8Array(bytes);
    const read = withFile(place.segment, O_RDONLY, (file) => readSync(file, states, 0, bytes, place.at));
    if (read !== null && recordDigest(layers, text, states) === place.digest) {
      this.touch(place.segment);
      return states;
    }
    shelf.places.delete(text);
    // A segment that cannot be opened was removed to make room.
    if (read !== null) this.report(place.segment);
    return null;
  }

  keep(layers: string, text: string, states: TokenStates): void {
    const shelf = this.shelf(layers);
    if (shelf.places.has(text)) return;
    this.makeRoom();
    const record = Buffer.concat([headerOf(layers, text, states), states]);
    this.unchecked += record.length;
    const append = (file: number) => writeSync(file, record);
    const open = [...shelf.read].find(([, read]) => read !== null && read + record.length <= this.segmentBytes)?.[0];
    // Without O_CREAT: a segment that another process removed is not made again under its name.
    if (!open || withFile(open, O_WRONLY | O_APPEND, append) === null) {
      if (open) shelf.read.delete(open);
      const folder = join(this.folder, layers);
      const segment = join(folder, `${randomBytes(12).toString("hex")}${SUFFIX}`);
      attempt(() => mkdirSync(folder, { recursive: true }));
      if (withFile(segment, O_WRONLY | O_APPEND | O_CREAT, append) !== null) shelf.read.set(segment, 0);
    }
    shelf.lookedAt = Number.NEGATIVE_INFINITY;
  }

  private shelf(layers: string): Shelf {
    const known = this.shelves.get(layers);
    if (known) return known;
    const shelf: Shelf = { places: new Map(), read: new Map(), lookedAt: Number.NEGATIVE_INFINITY };
    this.shelves.set(layers, shelf);
    return shelf;
  }

  /** Reads the headers of records that were added since the last look, and forgets segments that were removed. */
  private look(layers: string, shelf: Shelf): void {
    if (performance.now() - shelf.lookedAt < LOOK_MS) return;
    shelf.lookedAt = performance.now();
    const segments = filesIn(join(this.folder, layers));
    this.forget(shelf, new Set(segments));
    for (const segment of segments) {
      const start = shelf.read.get(segment);
      if (start === null || !segment.endsWith(SUFFIX)) continue;
      const end = withFile(segment, O_RDONLY, (file) => readHeaders(file, start ?? 0, segment, shelf.places));
      shelf.read.set(segment, end);
    }
  }

  /** Drops what is known of segments other than `present`, so that memory follows what is on disk. */
  private forget(shelf: Shelf, present: ReadonlySet<string>): void {
    const removed = [...shelf.read.keys()].filter((segment) => !present.has(segment));
    if (removed.length === 0) return;
    for (const segment of removed) {
      shelf.read.delete(segment);
      this.touched.delete(segment);
    }
    for (const [text, { segment }] of shelf.places) if (!present.has(segment)) shelf.places.delete(text);
  }

  private touch(segment: string): void {
    const now = Date.now();
    if (now - (this.touched.get(segment) ?? 0) < TOUCH_MS) return;
    this.touched.set(segment, now);
    attempt(() => utimesSync(segment, now / 1000, now / 1000));
  }

  /** Removes the segments used longest ago, if the limit may have been exceeded since the last time. */
  private makeRoom(): void {
    if (this.unchecked < this.segmentBytes) return;
    this.unchecked = 0;
    const segments = filesIn(this.folder)
      .flatMap(filesIn)
      .flatMap((path) => {
        const found = attempt(() => statSync(path));
        return found ? [{ path, size: found.size, usedAt: found.mtimeMs }] : [];
      })
      .sort((a, b) => a.usedAt - b.usedAt);
    let excess = segments.reduce((sum, { size }) => sum + size, this.segmentBytes) - this.limitBytes;
    for (const { path, size } of segments) {
      if (excess <= 0) break;
      attempt(() => rmSync(path));
      excess -= size;
    }
  }

  private report(segment: string): void {
    if (this.warned) return;
    this.warned = true;
    this.warn(`Passage states in ${segment} are damaged. They are computed again.`);
  }
}

/** Returns where the next record will begin; null if something else stands there. */
function readHeaders(file: number, start: number, segment: string, places: Map<string, Place>): number | null {
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(HEADER_BYTES);
  let at = start;
  while (at + HEADER_BYTES <= size) {
    readSync(file, bytes, 0, HEADER_BYTES, at);
    const header = readHeader(bytes);
    if (!header) return null;
    const end = at + HEADER_BYTES + header.bytes;
    if (end > size) break;
    places.set(header.text, { ...header, segment, at: at + HEADER_BYTES });
    at = end;
  }
  return at;
}

function filesIn(folder: string): string[] {
  return (attempt(() => readdirSync(folder)) ?? []).map((name) => join(folder, name));
}

/** Null if the file cannot be opened, read or written. */
function withFile<T>(path: string, flags: number, work: (file: number) => T): T | null {
  return attempt(() => {
    const file = openSync(path, flags);
    try {
      return work(file);
    } finally {
      closeSync(file);
    }
  });
}

/** The result, or null if the file system refuses. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
