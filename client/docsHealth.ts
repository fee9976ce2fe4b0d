import type { Client } from "@temporalio/client";
import { type QuestionLine, readEvaluation, readQuestionLines } from "../core/artifacts/evaluation.ts";
import { type PageRecord, readPageRecords, readQuarantined } from "../core/artifacts/passages.ts";
import { WinnowError } from "../core/base/errors.ts";
import type { Quarantined } from "../core/docs/pages.ts";
import { chosenRelease } from "../core/storage/releaseFolders.ts";
import { type AskedQuestion, askedQuestions, UNANSWERED, usedPages } from "./askedQuestions.ts";
import { listAnswers, type RecordPlaces } from "./records.ts";
import { storageOf } from "./storageOf.ts";

/** Entries of each list that are shown. */
const SHOWN = 50;
/** Newest questions that are read from Temporal. */
const ASKED = 300;

/** The first entries of a list, and how many there are. */
export interface Bounded<T> {
  shown: T[];
  total: number;
}

/** Questions without a sure answer whose closest section is the same. */
export interface RefusedGroup {
  /** The closest section; null if the search found nothing. */
  closest: AskedQuestion["closest"];
  /** The most frequent first. */
  questions: AskedQuestion[];
  /** Number of times they were asked. */
  asked: number;
}

/** Questions without a sure answer: those that Temporal still keeps, and those of the records. */
export interface AskedHealth {
  refused: Bounded<RefusedGroup>;
  /** Questions that were read. */
  read: number;
  /** Those of them that Temporal keeps encrypted with a key that is not set here. */
  hidden: number;
  /** Records that cannot be read, of whatever corpus and outcome. */
  unreadable: number;
  /** Those of them that Temporal does not keep any more and whose text was not kept either. */
  textless: number;
  /** True if older ones were left out. */
  more: boolean;
}

/** A page that no question reached. */
export type UnreachedPage = Pick<PageRecord, "page" | "title" | "url" | "passages">;

/** Does work with a client of Temporal. Throws TemporalUnreachable. */
export type WithTemporal = <T>(work: (client: Client) => Promise<T>) => Promise<T>;

/** The state of a corpus's docs, by the release that serves. */
export interface DocsHealth {
  corpus: string;
  release: string;
  createdAt: string;
  pages: number;
  passages: number;
  asked: AskedHealth;
  /** True if Temporal does not answer, so that only records were read. */
  away: boolean;
  /** Pages that are neither the first result of a judged question nor a source of an asked one. */
  unreached: Bounded<UnreachedPage>;
  /** Judged and asked questions behind `unreached`. */
  reachedBy: { judged: number; asked: number };
  quarantined: Bounded<Quarantined>;
  /** Judged questions whose evidence this version of the docs lacks. Null if the release is not measured. */
  stale: Bounded<Pick<QuestionLine, "id" | "query">> | null;
}

/**
 * The state of a corpus's docs. Without Temporal, what users asked is known by the records alone. Throws UnknownRelease if nothing serves,
 * CorruptArtifact, StoreUnavailable.
 *
 * @param temporal does work with a client of Temporal
 * @param corpus default: the one promoted last
 */
export async function docsHealth(places: RecordPlaces, temporal: WithTemporal, corpus?: string): Promise<DocsHealth> {
  const { store, releases } = await storageOf(places);
  const { id, manifest } = await chosenRelease(releases, { corpus });
  const ingestDir = await store.resolve(manifest.ingest);
  const [pages, quarantined] = await Promise.all([readPageRecords(ingestDir), readQuarantined(ingestDir)]);
  const dir = manifest.evaluate && (await store.resolve(manifest.evaluate));
  const judged = dir ? await readQuestionLines(dir) : [];
  const users = await askedBy(places, temporal, manifest.corpus);
  const first = judged.flatMap(({ served }) => served[manifest.ranking]?.top?.page ?? []);
  const reached = new Set([...first, ...users.pages]);
  const unreached = pages.filter(({ page }) => !reached.has(page)).sort((a, b) => b.passages - a.passages);
  return {
    ...{ corpus: manifest.corpus, release: id, createdAt: manifest.createdAt },
    ...{ pages: manifest.source.pages, passages: manifest.source.passages },
    ...{ asked: users.health, away: users.away },
    unreached: bounded(unreached.map(({ page, title, url, passages }) => ({ page, title, url, passages }))),
    reachedBy: { judged: judged.filter(({ stale }) => !stale).length, asked: users.count },
    quarantined: bounded(quarantined),
    stale: dir === null ? null : bounded(await staleQuestions(dir, judged)),
  };
}

async function staleQuestions(dir: string, judged: readonly QuestionLine[]) {
  const { staleQuestions: ids } = (await readEvaluation(dir)).details;
  const texts = new Map(judged.map(({ id, query }) => [id, query]));
  return ids.map((id) => ({ id, query: texts.get(id) ?? "" }));
}

/** What users asked, and the pages of the passages that answers could use. */
interface AskedBy {
  health: AskedHealth;
  away: boolean;
  pages: string[];
  count: number;
}

async function askedBy(places: RecordPlaces, temporal: WithTemporal, corpus: string): Promise<AskedBy> {
  const all = await listAnswers(places, { corpus, limit: ASKED });
  const unanswered = all.more
    ? await listAnswers(places, { corpus, kinds: UNANSWERED, limit: ASKED })
    : { ...all, answers: all.answers.filter(({ kind }) => UNANSWERED.includes(kind)) };
  const read = async (client: Client | null): Promise<AskedBy> => {
    const [every, refused] = await Promise.all([
      askedQuestions(client, { corpus, limit: ASKED }, all),
      askedQuestions(client, { corpus, refused: true, limit: ASKED }, unanswered),
    ]);
    const { questions, ...counts } = refused;
    const recorded = all.answers.flatMap(({ receipt }) => usedPages(receipt));
    return {
      health: { refused: bounded(refusedGroups(questions)), ...counts },
      away: client === null,
      pages: [...recorded, ...every.questions.flatMap(({ pages }) => pages)],
      count: every.read - every.hidden,
    };
  };
  return temporal(read).catch((error) => {
    if (!(error instanceof WinnowError) || error.code !== "TemporalUnreachable") throw error;
    return read(null);
  });
}

/** Groups by the closest section: many questions near one section show what it leaves out. */
export function refusedGroups(questions: readonly AskedQuestion[]): RefusedGroup[] {
  const groups = new Map<string, RefusedGroup>();
  for (const question of questions) {
    const { closest, count } = question;
    const key = closest === null ? "" : JSON.stringify([closest.page, closest.heading]);
    const group = groups.get(key) ?? { closest, questions: [], asked: 0 };
    group.questions.push(question);
    group.asked += count;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.asked - a.asked);
}

export function bounded<T>(all: readonly T[]): Bounded<T> {
  return { shown: all.slice(0, SHOWN), total: all.length };
}
