import type { AnswerRecord } from "../../contracts/records.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import type { PayloadKeys } from "../base/payloadKeys.ts";
import { ANSWERS, recordName } from "../records/answers.ts";
import { DayRecords, dayOf } from "../records/dayRecords.ts";
import { DECISIONS, VOTES, Votes } from "../records/votes.ts";
import type { Records } from "../storage/records.ts";

const DAY_MS = 24 * 3600_000;

/** Age at which records of answers and votes are removed, and the keys that they are encrypted with. */
export interface RecordAge {
  days: number;
  keys: PayloadKeys | null;
}

/** What is too old, as paths below the home folder or the bucket's prefix. */
export interface OldRecord {
  path: string;
  what: "answers" | "vote" | "decision";
}

/**
 * Records older than a number of days: whole days of answers, and single votes with their decisions. Accepted votes
 * stay, because trainings use them; so do votes that cannot be read here. Throws StorageFailed, StoreUnavailable.
 */
export async function oldRecords(records: Records, { days, keys }: RecordAge, now = Date.now()): Promise<OldRecord[]> {
  const first = dayOf(new Date(now - days * DAY_MS).toISOString());
  const isOld = (day: string) => day < first;
  const old: OldRecord[] = (await new DayRecords(records, keys, ANSWERS).days())
    .filter(isOld)
    .map((day) => ({ path: `${ANSWERS}/${day}`, what: "answers" }));
  const votes = new Votes(records, keys);
  const decisions = new DayRecords(records, keys, DECISIONS);
  for (const day of (await new DayRecords(records, keys, VOTES).days()).filter(isOld)) {
    const names = await decisions.names(day);
    for (const { id, state } of (await votes.readDay(day)).found) {
      if (state === "accepted") continue;
      old.push({ path: `${VOTES}/${day}/${id}.json`, what: "vote" });
      const own = names.filter((name) => name.startsWith(`${id}.`));
      old.push(...own.map((name) => ({ path: `${DECISIONS}/${day}/${name}.json`, what: "decision" as const })));
    }
  }
  return old;
}

/** A record that cannot be read. */
export interface UnreadableRecord {
  path: string;
  problem: string;
  /** True if only its key is missing here. */
  locked: boolean;
}

/** Reads every record of answers, votes and decisions. Throws StorageFailed, StoreUnavailable. */
export async function unreadableRecords(
  records: Records,
  keys: PayloadKeys | null,
): Promise<{ checked: number; unreadable: UnreadableRecord[] }> {
  const unreadable: UnreadableRecord[] = [];
  let checked = 0;
  for (const folder of [ANSWERS, VOTES, DECISIONS]) {
    const kept = new DayRecords<{ id?: unknown }>(records, keys, folder);
    for (const day of await kept.days())
      for (const name of await kept.names(day)) {
        checked++;
        const problem = await problemOf(kept, day, name);
        if (problem) unreadable.push({ path: records.place(`${folder}/${day}/${name}.json`), ...problem });
      }
  }
  return { checked, unreadable };
}

async function problemOf(
  kept: DayRecords<{ id?: unknown }>,
  day: string,
  name: string,
): Promise<Omit<UnreadableRecord, "path"> | null> {
  try {
    const record = await kept.read(day, name);
    if (record === null || kept.folder !== ANSWERS) return null;
    const { id } = record as Partial<AnswerRecord>;
    if (typeof id === "string" && recordName(id) === name) return null;
    return { problem: "does not match its name", locked: false };
  } catch (error) {
    if (!(error instanceof WinnowError)) throw error;
    if (error.code === "BadInput") return { problem: messageOf(error), locked: true };
    if (error.code === "CorruptArtifact") return { problem: "cannot be read", locked: false };
    throw error;
  }
}
