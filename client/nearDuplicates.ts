import { readPassages } from "../core/artifacts/passages.ts";
import { endsWithin } from "../core/base/endsWithin.ts";
import { chosenRelease } from "../core/storage/releaseFolders.ts";
import { duplicateGroups } from "../core/training/mining/duplicateGroups.ts";
import { type Bounded, bounded } from "./docsHealth.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Passages of a group that are named. */
const NAMED = 10;
/** Docs versions whose result is kept: it is a few hundred kilobytes at most. */
const KEPT = 8;

/** Passages worded nearly alike. */
export interface AlikePassages {
  passages: Bounded<{ id: string; page: string; heading: string[]; url: string }>;
  /** Smallest share of three-word shingles that two of them have in common, 0.5 to 1. */
  overlap: number;
}

/** Near-duplicates of corpora, each computed once for a docs version. */
export class NearDuplicatePassages {
  private readonly results = new Map<string, Promise<Bounded<AlikePassages>>>();

  constructor(private readonly places: Places) {}

  /**
   * Groups of passages worded nearly alike in the release that serves, the largest first; null if they are still being
   * compared after `patienceMs`. Throws UnknownRelease, CorruptArtifact.
   */
  async of(corpus: string | undefined, patienceMs: number): Promise<Bounded<AlikePassages> | null> {
    const { store, releases } = await storageOf(this.places);
    const { ingest } = (await chosenRelease(releases, { corpus })).manifest;
    const result = this.results.get(ingest.sha256) ?? store.resolve(ingest).then(alikeIn);
    this.results.set(ingest.sha256, result);
    // A failure may be mended, and the passages then read again.
    result.catch(() => this.results.delete(ingest.sha256));
    const oldest = this.results.keys().next().value;
    if (this.results.size > KEPT && oldest !== undefined) this.results.delete(oldest);
    return (await endsWithin(result, patienceMs)) ? result : null;
  }
}

async function alikeIn(ingestDir: string): Promise<Bounded<AlikePassages>> {
  const passages = await readPassages(ingestDir);
  const groups = await duplicateGroups(passages.map(({ text }) => text));
  const { shown, total } = bounded(groups);
  const named = shown.map(({ positions, overlap }) => ({
    passages: {
      shown: positions.slice(0, NAMED).map((position) => {
        const { id, page, heading, url } = passages[position]!;
        return { id, page, heading, url };
      }),
      total: positions.length,
    },
    overlap,
  }));
  return { shown: named, total };
}
