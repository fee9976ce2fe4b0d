import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { CORPUS_NAME } from "../../contracts/names.ts";
import type { ReleaseManifest } from "../../contracts/release.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { formatProblem } from "../base/storedFormat.ts";
import { checkCorpus, entryProblem } from "./ledgerEntry.ts";
import type { Records } from "./records.ts";
import type { Failpoint } from "./storage.ts";

// The ledger of a corpus is the sequence of records champions/<corpus>/<number>.json; the last one names the champion.
// Creating the next number is the compare-and-swap. Pointer and ledger are therefore one thing: they cannot disagree
// after a crash, and no lock can be left behind.

const FOLDER = "champions";

/** An immutable bundle of all serving artifacts; `id` is the start of its digest. */
export interface Release {
  id: string;
  ref: ArtifactRef;
  manifest: ReleaseManifest;
}

/** One entry of the ledger: `release` serves `corpus` from `at` on. */
export interface Promotion {
  corpus: string;
  kind: "promotion" | "rollback";
  release: string;
  ref: ArtifactRef;
  /** The champion it replaced. */
  replaced: string | null;
  at: string;
  /** The workflow or person that decided. */
  by: string;
  reason: string;
  /** The workflow that made the change: its history is the evidence. Null without a workflow. */
  workflow: string | null;
  /** The run of that workflow; absent without a workflow. */
  run?: string;
}

/** A requested change of champion: the ledger's entry, and the champion it may replace. */
export interface ChampionChange {
  /** Champion at the time of the decision, or null. Any other champion is a PromotionConflict. */
  expected: string | null;
  by: string;
  reason: string;
  kind?: Promotion["kind"];
  workflow?: string | null;
  /** The requesting run; a change it already made is not repeated. */
  run?: string;
}

/**
 * The champion of a corpus; without a corpus, of the one promoted last. Throws CorruptArtifact for a damaged ledger:
 * its last promotion is unknown.
 */
export async function currentChampion(records: Records, corpus?: string): Promise<Promotion | null> {
  if (corpus !== undefined) return (await entriesOf(records, corpus)).at(-1) ?? null;
  const { entries, damaged } = await readLedgers(records);
  const [problem] = damaged.values();
  if (problem === undefined) return entries.at(-1) ?? null;
  const others = [...new Set(entries.map((entry) => entry.corpus))];
  const named = others.length > 0 ? ` Name another corpus to use it meanwhile: ${others.join(", ")}.` : "";
  throw new WinnowError("CorruptArtifact", `${problem}${named}`);
}

/** Appends to the corpus's ledger if `expected` is the champion, once per run. Throws PromotionConflict. */
export async function promote(
  records: Records,
  release: Release,
  change: ChampionChange,
  failpoint: Failpoint,
): Promise<Promotion> {
  const { corpus } = release.manifest;
  const names = await namesOf(records, corpus);
  const entries = await readEntries(records, corpus, names);
  // A run that retries after a lost reply must not undo later decisions.
  const done = entries.find(
    (entry) => entry.release === release.id && entry.run !== undefined && entry.run === change.run,
  );
  if (done) return done;
  const current = entries.at(-1) ?? null;
  if (current?.release === release.id) return current;
  if ((current?.release ?? null) !== change.expected) throw conflict(corpus, change.expected, current?.release ?? null);
  const promotion: Promotion = {
    corpus,
    kind: change.kind ?? "promotion",
    release: release.id,
    ref: release.ref,
    replaced: change.expected,
    at: new Date().toISOString(),
    by: change.by,
    reason: change.reason,
    workflow: change.workflow ?? null,
    ...(change.run ? { run: change.run } : {}),
  };
  if (await append(records, promotion, names.at(-1), failpoint)) return promotion;
  // Another writer took the number meanwhile, perhaps for the same release.
  const winner = (await readEntries(records, corpus, await namesOf(records, corpus))).at(-1) ?? null;
  if (winner?.release === release.id) return winner;
  throw conflict(corpus, change.expected, winner?.release ?? null);
}

/**
 * Adds the record after `last`, the newest name among the entries that the decision has read. If two writers use the
 * same number, one wins, and the other gets false; no reader sees a partial record.
 */
async function append(
  records: Records,
  promotion: Promotion,
  last: string | undefined,
  failpoint: Failpoint,
): Promise<boolean> {
  const { corpus } = promotion;
  // Counted from the last entry: a lost one in between leaves its number free.
  const number = Number(last?.slice(0, 6) ?? 0) + 1;
  await failpoint("champion.before-link");
  const path = `${FOLDER}/${corpus}/${String(number).padStart(6, "0")}.json`;
  if (!(await records.create(path, `${JSON.stringify(promotion, null, 1)}\n`))) return false;
  await failpoint("champion.after-link");
  return true;
}

function conflict(corpus: string, expected: string | null, found: string | null): WinnowError {
  return new WinnowError(
    "PromotionConflict",
    `The champion of ${corpus} is ${found ?? "none"}, not ${expected ?? "none"}: another run promoted first.`,
  );
}

async function namesOf(records: Records, corpus: string): Promise<string[]> {
  checkCorpus(corpus);
  return (await records.list(`${FOLDER}/${corpus}`)).filter((name) => /^\d{6}\.json$/.test(name));
}

async function entriesOf(records: Records, corpus: string): Promise<Promotion[]> {
  return readEntries(records, corpus, await namesOf(records, corpus));
}

function readEntries(records: Records, corpus: string, names: readonly string[]): Promise<Promotion[]> {
  return Promise.all(names.map((name) => readEntry(records, corpus, `${FOLDER}/${corpus}/${name}`)));
}

/** Entries written before rollbacks were recorded are promotions by a run. */
async function readEntry(records: Records, corpus: string, path: string): Promise<Promotion> {
  const entry = parsed((await records.read(path)) ?? "");
  const problem = entryProblem(entry, corpus);
  if (problem !== null) {
    const remedy = formatProblem(entry) === null ? ": restore the file from a backup" : "";
    throw new WinnowError(
      "CorruptArtifact",
      `${records.place(path)} ${problem}${remedy}; until then nothing of corpus ${corpus} serves.`,
    );
  }
  const sound = entry as Promotion;
  return { ...sound, kind: sound.kind ?? "promotion", workflow: sound.workflow ?? null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Every promotion and rollback, oldest first. Throws CorruptArtifact for a damaged ledger of the corpus; without a
 * corpus, damaged ledgers are left out.
 */
export async function readLedger(records: Records, corpus?: string): Promise<Promotion[]> {
  return corpus === undefined ? (await readLedgers(records)).entries : entriesOf(records, corpus);
}

/** The entries of all corpora, oldest first, and the problem of each corpus whose ledger is damaged. */
export async function readLedgers(records: Records): Promise<{ entries: Promotion[]; damaged: Map<string, string> }> {
  const damaged = new Map<string, string>();
  const corpora = (await records.list(FOLDER)).filter((name) => CORPUS_NAME.test(name));
  const read = corpora.map((name) =>
    entriesOf(records, name).catch((error) => {
      if (!(error instanceof WinnowError) || error.code !== "CorruptArtifact") throw error;
      damaged.set(name, messageOf(error));
      return [];
    }),
  );
  const entries = (await Promise.all(read)).flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { entries, damaged };
}
