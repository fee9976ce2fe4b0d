import type { IdentifiedAnswer } from "../contracts/askEvents.ts";
import type { AnswerRecord, ListedAnswers, RecordFilter } from "../contracts/records.ts";
import { endsWithin } from "../core/base/endsWithin.ts";
import { WinnowError } from "../core/base/errors.ts";
import { type AnswerRecords, openAnswerRecords } from "../core/records/answers.ts";
import type { Access, Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

const RECORD_MS = 4000;

/** Places of records, and the keys that they are encrypted with. */
export type RecordPlaces = Places & Pick<Access, "payloadKeys">;

/**
 * Records of finished questions, newest first, without the demonstrations of `npm start`. They need no Temporal. The
 * text of a question is null unless `WINNOW_KEEP_QUESTIONS` was set. Throws StorageFailed, StoreUnavailable.
 *
 * @example
 * const { answers } = await listAnswers(config, { corpus: "k8s", kinds: ["abstained"], limit: 100 });
 */
export async function listAnswers(places: RecordPlaces, filter: RecordFilter = {}): Promise<ListedAnswers> {
  return (await recordsOf(places)).list(filter);
}

/**
 * The record of one answer; null if there is none. Throws CorruptArtifact for a damaged one, BadInput for one whose key
 * is not set here.
 */
export async function readAnswer(places: RecordPlaces, id: string): Promise<AnswerRecord | null> {
  return (await recordsOf(places)).read(id);
}

/** The same without what only the record has. Throws StoreUnavailable too if the store does not answer in a few seconds. */
export async function recordedAnswer(places: RecordPlaces, id: string): Promise<IdentifiedAnswer | null> {
  const record = await soon(readAnswer(places, id));
  if (record === null) return null;
  const { at: _, question: __, questionDigest: ___, ...answer } = record;
  return answer;
}

/** The question of an answer, from its record; null if it was not kept, or if the store does not answer soon. */
export async function recordedQuestion(places: RecordPlaces, id: string): Promise<string | null> {
  const record = await soon(readAnswer(places, id)).catch(() => null);
  return record?.question ?? null;
}

/** The result of a read, unless it takes longer than people wait: a store that is down is tried again for minutes. */
async function soon<T>(reading: Promise<T>): Promise<T> {
  if (await endsWithin(reading, RECORD_MS)) return reading;
  throw new WinnowError("StoreUnavailable", "the store with the records did not answer in time");
}

async function recordsOf(places: RecordPlaces): Promise<AnswerRecords> {
  const { records } = await storageOf(places);
  return openAnswerRecords(records, places.payloadKeys);
}
