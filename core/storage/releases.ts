import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { LadderRow } from "../../contracts/evaluation.ts";
import { ROWS } from "../../contracts/ladderRows.ts";
import type { MeasuredManifest, ReleaseManifest, ReleaseSummary } from "../../contracts/release.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import {
  type ChampionChange,
  currentChampion,
  type Promotion,
  promote,
  type Release,
  readLedger,
  readLedgers,
} from "./champions.ts";
import { ID_LENGTH } from "./ledgerEntry.ts";
import { folderRecords, type Records } from "./records.ts";
import { releaseProblem } from "./releaseManifest.ts";
import { asStorageError, type Failpoint } from "./storage.ts";
import type { ArtifactStore } from "./store.ts";

export type { ChampionChange, Promotion, Release } from "./champions.ts";

/** Folder of records: one per release whose artifacts `winnow gc` removed. */
export const RETIRED = "retired";

/** The releases of a home folder and their champions. */
export interface Releases {
  /** Publishes `release.json`; the same manifest gives the same release. */
  commit(manifest: ReleaseManifest): Promise<Release>;
  /** The release with this id or unique prefix. Throws UnknownRelease. */
  read(id: string): Promise<Release>;
  /**
   * The champion of a corpus, or of the corpus promoted last; null before the first promotion. Throws CorruptArtifact
   * naming the damaged entry of a ledger, BadInput for what is no name of a corpus.
   */
  champion(corpus?: string): Promise<Promotion | null>;
  /**
   * Makes a release the champion if `expected` is still the champion (null: none yet). Idempotent. Throws
   * PromotionConflict.
   */
  promote(release: Release, change: ChampionChange): Promise<Promotion>;
  /** True if `winnow gc` removed its artifacts: such a release can be read, but cannot serve again. */
  isRetired(id: string): Promise<boolean>;
  /** All releases, newest first. The reason of those whose corpus has a damaged ledger says so. */
  list(): Promise<ReleaseSummary[]>;
  /**
   * Every promotion and rollback, oldest first. A damaged ledger is left out, but throws CorruptArtifact when its corpus
   * is named.
   */
  ledger(corpus?: string): Promise<Promotion[]>;
}

export function releaseId(ref: ArtifactRef): string {
  return ref.sha256.slice(0, ID_LENGTH);
}

/** Opens the releases of a home folder, or of records and artifacts shared by machines. */
export function openReleases(home: string | Records, store: ArtifactStore, failpoint: Failpoint = () => {}): Releases {
  const records = typeof home === "string" ? folderRecords(home) : home;
  // Cache by id. Content behind a digest is immutable, so frequent callers do not list the releases each time.
  const known = new Map<string, ArtifactRef>();
  const load = async (ref: ArtifactRef): Promise<Release> => {
    const file = join(await store.resolve(ref), "release.json");
    return { id: releaseId(ref), ref, manifest: parsedManifest(file, await readFile(file, "utf8")) };
  };
  return {
    async commit(manifest) {
      const draft = await store.draft("deploy");
      await writeFile(join(draft, "release.json"), `${JSON.stringify(manifest, null, 2)}\n`).catch((error) => {
        throw asStorageError(error);
      });
      const ref = await store.commit(draft, "deploy");
      return { id: releaseId(ref), ref, manifest };
    },
    async read(id) {
      const before = known.get(id);
      const again = before && (await load(before).catch(() => null));
      if (again) return again;
      const all = /^[0-9a-f]+$/.test(id) ? await store.list("deploy") : [];
      const found = all.filter((ref) => ref.sha256.startsWith(id));
      if (found.length === 1) {
        known.set(releaseId(found[0]!), found[0]!);
        return load(found[0]!);
      }
      const problem = found.length > 1 ? `matches ${found.length} releases` : "matches no release";
      throw new WinnowError("UnknownRelease", `${id} ${problem}. \`npx winnow releases\` lists them.`);
    },
    champion: (corpus) => currentChampion(records, corpus),
    promote: (release, change) => promote(records, release, change, failpoint),
    isRetired: async (id) => (await records.list(RETIRED)).includes(id),
    list: () => summaries(records, store, load),
    ledger: (corpus) => readLedger(records, corpus),
  };
}

function parsedManifest(file: string, text: string): ReleaseManifest {
  let manifest: unknown = null;
  try {
    manifest = JSON.parse(text);
  } catch {
    // Said below.
  }
  const problem = releaseProblem(manifest);
  if (problem !== null) throw new WinnowError("CorruptArtifact", `${file} ${problem}`);
  return manifest as ReleaseManifest;
}

async function summaries(
  records: Records,
  store: ArtifactStore,
  load: (ref: ArtifactRef) => Promise<Release>,
): Promise<ReleaseSummary[]> {
  const { entries: ledger, damaged } = await readLedgers(records);
  const champion = new Map(ledger.map((entry) => [entry.corpus, entry.release]));
  const promoted = new Set(ledger.map((entry) => entry.release));
  const gone = new Set(await records.list(RETIRED));
  const all = await Promise.all(
    (await store.list("deploy")).map(async (ref): Promise<ReleaseSummary> => {
      const id = releaseId(ref);
      try {
        const { manifest } = await load(ref);
        const { corpus, createdAt, ranking, gate } = manifest;
        const serving = champion.get(corpus) === id;
        const shared = {
          id,
          corpus,
          createdAt,
          ranking,
          champion: serving,
          promoted: promoted.has(id),
          retired: gone.has(id),
        };
        const unmeasured = manifest.evaluation === null ? { unmeasured: true as const } : {};
        const reason = damaged.get(corpus) ?? gate.reason;
        const models = manifest.models ? { models: manifest.models } : {};
        return { ...shared, ...unmeasured, ...models, ndcg: servedNdcg(manifest), reason };
      } catch (error) {
        const unknown = { id, corpus: "?", createdAt: "", ranking: "retrieval" as const, champion: false };
        return { ...unknown, promoted: promoted.has(id), retired: gone.has(id), ndcg: null, reason: messageOf(error) };
      }
    }),
  );
  return all.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

export type MeasuredRelease = Release & { manifest: MeasuredManifest };

/** The release if it was measured, otherwise null: no candidate can be compared with it. */
export function measured(release: Release | null): MeasuredRelease | null {
  return release === null || release.manifest.evaluation === null ? null : (release as MeasuredRelease);
}

/**
 * Metrics of the served ranking: the ladder's last row if the reranker is on, otherwise that of retrieval. Null if the
 * release is not measured.
 */
export function servedMetrics({
  evaluation,
  ranking,
}: Pick<ReleaseManifest, "evaluation" | "ranking">): LadderRow["metrics"] | null {
  if (evaluation === null) return null;
  const row =
    ranking === "reranked" ? evaluation.ladder.at(-1) : evaluation.ladder.find(({ name }) => name === ROWS.retrieval);
  return row?.metrics ?? null;
}

/** nDCG@10 of the served ranking. Null if the release is not measured. */
export function servedNdcg(manifest: Pick<ReleaseManifest, "evaluation" | "ranking">): number | null {
  return servedMetrics(manifest)?.["ndcg@10"].value ?? null;
}
