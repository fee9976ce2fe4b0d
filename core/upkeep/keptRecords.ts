import { messageOf, WinnowError } from "../base/errors.ts";
import { inBatches } from "../base/inBatches.ts";
import type { PayloadKeys } from "../base/payloadKeys.ts";
import { NewerFormat } from "../base/storedFormat.ts";
import { ANSWERS, recordName } from "../records/answers.ts";
import { DayRecords, dayOf } from "../records/dayRecords.ts";
import { DECISIONS, VOTES, Votes, votedBy } from "../records/votes.ts";
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
 * Records older than a number of days: whole days of answers, and single votes, each after its decisions; also decisions
 * whose vote is gone. Accepted votes stay, because trainings use them; so do votes that cannot be read here, or whose
 * decision cannot. Throws StorageFailed, StoreUnavailable.
 */
export async function oldRecords(records: Records, { days, keys }: RecordAge, now = Date.now()): Promise<OldRecord[]> {
  const first = dayOf(new Date(now - days * DAY_MS).toISOString());
  const isOld = (day: string) => day < first;
  const answers = (await new DayRecords(records, keys, ANSWERS).days()).filter(isOld);
  const old: OldRecord[] = answers.map((day) => ({ path: `${ANSWERS}/${day}`, what: "answers" }));
  const votes = new Votes(records, keys);
  const kept = new DayRecords(records, keys, VOTES);
  const voted = new Set([...(await kept.days()), ...(await votes.decisionDays())].filter(isOld));
  for (const day of [...voted].sort().reverse()) {
    // In this order a vote that is accepted meanwhile keeps its decision, and no decision passes for one without a vote.
    const decisions = await votes.decisionNames(day);
    const { found } = await votes.readDay(day);
    const leaving = found.filter(({ state }) => state !== "accepted").map(({ id }) => id);
    const staying = new Set((await kept.names(day)).filter((id) => !leaving.includes(id)));
    const doomed = decisions.filter((name) => !staying.has(votedBy(name)));
    old.push(...doomed.map((name) => ({ path: `${DECISIONS}/${day}/${name}.json`, what: "decision" as const })));
    old.push(...leaving.map((id) => ({ path: `${VOTES}/${day}/${id}.json`, what: "vote" as const })));
  }
  return old;
}

/** The removals without votes that were accepted since they were found. */
export async function stillOld<T extends { path: string; what: string }>(
  removals: readonly T[],
  read: () => Promise<OldRecord[]>,
): Promise<T[]> {
  const isVoted = ({ what }: T) => what === "vote" || what === "decision";
  if (!removals.some(isVoted)) return [...removals];
  const now = new Set((await read()).map(({ path }) => path));
  return removals.filter((removal) => !isVoted(removal) || now.has(removal.path));
}

/** A record that cannot be read. */
export interface UnreadableRecord {
  path: string;
  problem: string;
  /** Why it is whole all the same: its key is missing here, or a newer version wrote it. Null for a damaged one. */
  whole: "locked" | "newer" | null;
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
    for (const day of await kept.days()) {
      const names = await kept.names(day);
      checked += names.length;
      const problems = await inBatches(names, (name) => problemOf(kept, day, name));
      for (const [at, problem] of problems.entries())
        if (problem) unreadable.push({ path: records.place(`${folder}/${day}/${names[at]}.json`), ...problem });
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
    if (typeof record.id === "string" && recordName(record.id) === name) return null;
    return { problem: "does not match its name", whole: null };
  } catch (error) {
    if (!(error instanceof WinnowError)) throw error;
    if (error instanceof NewerFormat) return { problem: messageOf(error), whole: "newer" };
    if (error.code === "BadInput") return { problem: messageOf(error), whole: "locked" };
    if (error.code === "CorruptArtifact") return { problem: "cannot be read", whole: null };
    throw error;
  }
}
