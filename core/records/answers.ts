import type { AnswerRecord, ListedAnswers, RecordFilter } from "../../contracts/records.ts";
import { sha256 } from "../base/canonical.ts";
import { inBatches } from "../base/inBatches.ts";
import type { PayloadKeys } from "../base/payloadKeys.ts";
import type { Records } from "../storage/records.ts";
import { DayRecords, dayOf } from "./dayRecords.ts";

export const ANSWERS = "answers";

const LIMIT = 500;
const MOST_READ = 5000;
/** Names that are safe in every store. */
const PLAIN_NAME = /^\w[\w.-]{0,199}$/;

/** Records of answers: `answers/2026-11-30/<id>.json`. */
export interface AnswerRecords {
  /** Writes the record of an answer. A second attempt of the same question replaces it. */
  write(record: AnswerRecord): Promise<void>;
  /** Null if there is no record with this id. Throws CorruptArtifact, and BadInput if its key is not set here. */
  read(id: string): Promise<AnswerRecord | null>;
  /** Reads whole days, newest first, until there are enough, or 5,000 records were read: then there may be `more`. */
  list(filter?: RecordFilter): Promise<ListedAnswers>;
}

/** @param mostRead records that one listing reads at most, since each is a request in a bucket */
export function openAnswerRecords(
  records: Records,
  keys: PayloadKeys | null,
  { mostRead = MOST_READ } = {},
): AnswerRecords {
  const kept = new DayRecords<AnswerRecord>(records, keys, ANSWERS);
  return {
    write: (record) => kept.replace(dayOf(record.at), recordName(record.id), record),
    async read(id) {
      const name = recordName(id);
      for (const days of groupsOf(await kept.days())) {
        const found = await inBatches(days, (day) => kept.read(day, name));
        const record = found.find((each) => each?.id === id);
        if (record) return record;
      }
      return null;
    },
    async list({ corpus, kinds, since = "", limit = LIMIT } = {}) {
      const wanted = ({ at, kind, receipt }: AnswerRecord) =>
        at > since && (corpus === undefined || receipt.corpus === corpus) && (kinds?.includes(kind) ?? true);
      const answers = new Map<string, AnswerRecord>();
      let hidden = 0;
      let left = mostRead;
      for (const day of (await kept.days()).filter((each) => each >= dayOf(since))) {
        const names = await kept.names(day);
        const read = await kept.readDay(day, names.slice(0, left));
        hidden += read.unreadable.length;
        left -= names.length;
        // An attempt that was repeated after midnight has left two records; the later one holds.
        for (const { value } of read.found.sort(newestFirst))
          if (wanted(value) && !answers.has(value.id)) answers.set(value.id, value);
        if (answers.size > limit || left < 0) break;
      }
      return { answers: [...answers.values()].slice(0, limit), hidden, more: answers.size > limit || left < 0 };
    },
  };
}

/** A question's digest: equal for questions that differ only in case and white space. */
export function questionDigest(question: string): string {
  return sha256(normalisedQuestion(question));
}

/** The question in lower case with single spaces. */
export function normalisedQuestion(question: string): string {
  return question.trim().toLowerCase().replace(/\s+/g, " ");
}

/** File name of an answer's record. Other programs may start workflows under ids that no store takes. */
export function recordName(id: string): string {
  return PLAIN_NAME.test(id) ? id : `id.${sha256(id).slice(0, 40)}`;
}

/** The first day alone, since most are read again soon, then all others. */
function groupsOf(days: readonly string[]): string[][] {
  return [days.slice(0, 2), days.slice(2)];
}

function newestFirst(a: { value: AnswerRecord }, b: { value: AnswerRecord }): number {
  return a.value.at < b.value.at ? 1 : -1;
}
