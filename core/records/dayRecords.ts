import { WinnowError } from "../base/errors.ts";
import { inBatches } from "../base/inBatches.ts";
import type { PayloadKeys } from "../base/payloadKeys.ts";
import { type TextSeal, textSeal } from "../base/sealedText.ts";
import { formatProblem, NewerFormat } from "../base/storedFormat.ts";
import type { Records } from "../storage/records.ts";

/** A record and its place. */
export interface Placed<T> {
  /** UTC day, as `2026-11-30`. */
  day: string;
  name: string;
  value: T;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const ENDING = ".json";

/**
 * Records of one kind in a folder a day, so that listing and removal by age are cheap. Each is a JSON file, encrypted
 * with the payload keys where these are set. All methods throw StorageFailed and StoreUnavailable.
 */
export class DayRecords<T extends object> {
  private readonly seal: TextSeal;

  constructor(
    private readonly records: Records,
    keys: PayloadKeys | null,
    readonly folder: string,
  ) {
    this.seal = textSeal(keys);
  }

  /** Days with records, newest first. */
  async days(): Promise<string[]> {
    return (await this.records.list(this.folder)).filter((name) => DAY.test(name)).reverse();
  }

  /** Names of a day's records. */
  async names(day: string): Promise<string[]> {
    const files = await this.records.list(`${this.folder}/${day}`);
    return files
      .filter((file) => file.endsWith(ENDING) && !file.startsWith("."))
      .map((file) => file.slice(0, -ENDING.length));
  }

  /** Null if there is no such record. Throws CorruptArtifact, and BadInput if its key is not set here. */
  async read(day: string, name: string): Promise<T | null> {
    const path = this.pathOf(day, name);
    const stored = await this.records.read(path);
    if (stored === null) return null;
    let value: unknown = null;
    try {
      value = JSON.parse(await this.seal.open(stored));
    } catch (cause) {
      if (cause instanceof WinnowError) throw cause;
    }
    const newer = formatProblem(value);
    if (newer !== null) throw new NewerFormat(this.records.place(path), newer);
    if (value !== null && typeof value === "object") return value as T;
    throw new WinnowError("CorruptArtifact", `${this.records.place(path)} is not a record`);
  }

  /** Writes or overwrites a record. */
  async replace(day: string, name: string, value: T): Promise<void> {
    await this.records.replace(this.pathOf(day, name), await this.textOf(value));
  }

  /** Writes a record unless there is one already. Returns whether it did. */
  async create(day: string, name: string, value: T): Promise<boolean> {
    return this.records.create(this.pathOf(day, name), await this.textOf(value));
  }

  /** A day's records, without those that were removed meanwhile, and the names of unreadable ones. */
  async readDay(day: string, names?: readonly string[]): Promise<{ found: Placed<T>[]; unreadable: string[] }> {
    const found: Placed<T>[] = [];
    const unreadable: string[] = [];
    const readOne = async (name: string) => {
      try {
        const value = await this.read(day, name);
        if (value !== null) found.push({ day, name, value });
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        unreadable.push(name);
      }
    };
    await inBatches(names ?? (await this.names(day)), readOne);
    return { found, unreadable };
  }

  private pathOf(day: string, name: string): string {
    return `${this.folder}/${day}/${name}${ENDING}`;
  }

  private async textOf(value: T): Promise<string> {
    return `${await this.seal.seal(JSON.stringify(value))}\n`;
  }
}

/** True for the error of a record that is damaged, or encrypted with a key that is not set here. */
function isUnreadable(error: unknown): boolean {
  return error instanceof WinnowError && (error.code === "CorruptArtifact" || error.code === "BadInput");
}

/** The UTC day of an ISO time. */
export function dayOf(at: string): string {
  return at.slice(0, 10);
}
