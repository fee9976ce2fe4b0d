import type { GateDecision } from "../contracts/evaluation.ts";
import type { ReleaseSummary } from "../contracts/release.ts";
import type { ServingRelease } from "../contracts/serving.ts";
import { messageOf } from "../core/base/errors.ts";
import { championStack } from "../core/storage/ledger.ts";
import { type Promotion, type Releases, servedMetrics } from "../core/storage/releases.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Releases of a corpus that are shown unless more are wanted. */
const SHOWN = 25;

/** Measured quality of a release as it serves. */
export type MeasuredQuality = NonNullable<ServingRelease["quality"]>;

/** A release with its quality and its gate. Both are null if its manifest cannot be read; `reason` says why. */
export interface ShelvedRelease extends ReleaseSummary {
  /** Null if the release is not measured. */
  quality: MeasuredQuality | null;
  gate: GateDecision | null;
}

/** The releases of one corpus. */
export interface CorpusReleases {
  corpus: string;
  /** The release that serves; null if none does, or the ledger is damaged. */
  champion: string | null;
  /** The release that a rollback returns to; null if there is none. */
  before: string | null;
  /** The newest first; the champion is always among them. */
  releases: ShelvedRelease[];
  /** Number of releases, those left out included. */
  total: number;
  /** Every change of champion, the newest first. */
  ledger: Promotion[];
  /** Why the ledger cannot be read; null if it can. */
  damaged: string | null;
}

/**
 * The releases of every corpus with their measured quality, and the ledger. Needs no Temporal. A damaged release or
 * ledger is listed with the reason. Throws StoreUnavailable, StorageFailed.
 *
 * @example
 * for (const { corpus, champion, releases } of await releasesByCorpus(config)) ...
 */
export async function releasesByCorpus(places: Places, { limit = SHOWN } = {}): Promise<CorpusReleases[]> {
  const { releases } = await storageOf(places);
  const all = await releases.list();
  const corpora = [...new Set([...all.map(({ corpus }) => corpus), ...(await releases.ledger()).map((e) => e.corpus)])];
  return Promise.all(corpora.sort().map((corpus) => corpusReleases(releases, corpus, all, limit)));
}

async function corpusReleases(
  releases: Releases,
  corpus: string,
  all: readonly ReleaseSummary[],
  limit: number,
): Promise<CorpusReleases> {
  const own = all.filter((release) => release.corpus === corpus);
  const { ledger, damaged } = await readableLedger(releases, corpus);
  const champion = ledger.at(-1)?.release ?? null;
  const shown = own.filter(({ id }, at) => at < limit || id === champion);
  return {
    corpus,
    champion,
    before: championStack(ledger).at(-2) ?? null,
    releases: await Promise.all(shown.map((summary) => shelved(releases, summary))),
    total: own.length,
    ledger: [...ledger].reverse(),
    damaged,
  };
}

async function readableLedger(
  releases: Releases,
  corpus: string,
): Promise<{ ledger: Promotion[]; damaged: string | null }> {
  try {
    // A release whose manifest cannot be read has no corpus, and so no ledger.
    return { ledger: corpus === UNREADABLE ? [] : await releases.ledger(corpus), damaged: null };
  } catch (error) {
    if ((error as { code?: unknown }).code !== "CorruptArtifact") throw error;
    return { ledger: [], damaged: messageOf(error) };
  }
}

/** Corpus of a release whose manifest cannot be read. */
export const UNREADABLE = "?";

async function shelved(releases: Releases, summary: ReleaseSummary): Promise<ShelvedRelease> {
  const manifest = summary.corpus === UNREADABLE ? null : (await releases.read(summary.id)).manifest;
  if (manifest === null) return { ...summary, quality: null, gate: null };
  return { ...summary, quality: qualityAsServed(manifest), gate: manifest.gate };
}

/** Quality of a release by its manifest; null if it is not measured. */
export function qualityAsServed(manifest: Parameters<typeof servedMetrics>[0]): MeasuredQuality | null {
  const { evaluation } = manifest;
  if (evaluation === null) return null;
  const { source, questions, abstention } = evaluation;
  // Of questions as `ask` answers them, which is not sure of some.
  const { falseAnswerRate, falseRefusalRate } = abstention.unsure ?? abstention;
  const ndcg = servedMetrics(manifest)?.["ndcg@10"] ?? null;
  return { source, questions, ndcg, falseAnswerRate, falseRefusalRate, unsureRate: abstention.unsure?.rate ?? null };
}
