import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { ReleaseManifest } from "../../contracts/release.ts";
import { WinnowError } from "../base/errors.ts";
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

/** The champion of a corpus; without a corpus, of the one promoted last. */
export async function currentChampion(records: Records, corpus?: string): Promise<Promotion | null> {
  if (corpus !== undefined) return (await entriesOf(records, corpus)).at(-1) ?? null;
  return (await readLedger(records)).at(-1) ?? null;
}

/** Appends to the corpus's ledger if `expected` is the champion, once per run. Throws PromotionConflict. */
export async function promote(
  records: Records,
  release: Release,
  change: ChampionChange,
  failpoint: Failpoint,
): Promise<Promotion> {
  const { corpus } = release.manifest;
  const entries = await entriesOf(records, corpus);
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
  await append(records, entries.length + 1, promotion, failpoint);
  return promotion;
}

/** If two writers use the same number, one wins; no reader sees a partial record. */
async function append(records: Records, number: number, promotion: Promotion, failpoint: Failpoint): Promise<void> {
  const { corpus, replaced } = promotion;
  await failpoint("champion.before-link");
  const path = `${FOLDER}/${corpus}/${String(number).padStart(6, "0")}.json`;
  if (!(await records.create(path, `${JSON.stringify(promotion, null, 1)}\n`)))
    throw conflict(corpus, replaced, "another release");
  await failpoint("champion.after-link");
}

function conflict(corpus: string, expected: string | null, found: string | null): WinnowError {
  return new WinnowError(
    "PromotionConflict",
    `The champion of ${corpus} is ${found ?? "none"}, not ${expected ?? "none"}: another run promoted first.`,
  );
}

async function entriesOf(records: Records, corpus: string): Promise<Promotion[]> {
  const names = await records.list(`${FOLDER}/${corpus}`);
  const numbered = names.filter((name) => /^\d{6}\.json$/.test(name));
  return Promise.all(numbered.map((name) => readEntry(records, `${FOLDER}/${corpus}/${name}`)));
}

/** Entries written before rollbacks were recorded are promotions by a run. */
async function readEntry(records: Records, path: string): Promise<Promotion> {
  const entry: Promotion = JSON.parse((await records.read(path)) ?? "null");
  return { ...entry, kind: entry.kind ?? "promotion", workflow: entry.workflow ?? null };
}

/** Every promotion and rollback, oldest first. */
export async function readLedger(records: Records, corpus?: string): Promise<Promotion[]> {
  if (corpus !== undefined) return entriesOf(records, corpus);
  const corpora = await records.list(FOLDER);
  const all = await Promise.all(corpora.map((name) => entriesOf(records, name)));
  return all.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
