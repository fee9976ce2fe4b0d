import type { IdentifiedAnswer } from "../contracts/askEvents.ts";
import type { AnswerRecord, ListedAnswers, RecordFilter } from "../contracts/records.ts";
import { type AnswerRecords, openAnswerRecords } from "../core/records/answers.ts";
import { openStorage } from "../core/storage/openStorage.ts";
import type { Access, Places } from "./settings.ts";

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

/** The same without what only the record has. */
export async function recordedAnswer(places: RecordPlaces, id: string): Promise<IdentifiedAnswer | null> {
  const record = await readAnswer(places, id);
  if (record === null) return null;
  const { at: _, question: __, questionDigest: ___, ...answer } = record;
  return answer;
}

async function recordsOf({ home, artifacts, payloadKeys }: RecordPlaces): Promise<AnswerRecords> {
  const { records } = await openStorage(home, artifacts);
  return openAnswerRecords(records, payloadKeys);
}
