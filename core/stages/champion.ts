import { championRelease } from "../storage/releaseFolders.ts";
import { type MeasuredRelease, measured, type Release, type Releases } from "../storage/releases.ts";
import type { CorpusRefs, RerankerRefs } from "./corpusRefs.ts";

/** The champion release of a corpus, or null. */
export async function championOf(releases: Releases, corpus: string): Promise<Release | null> {
  const champion = await releases.champion(corpus);
  return champion ? championRelease(releases, champion) : null;
}

/** The champion that a candidate must beat: null if none serves, or one that was never measured. */
export async function championToBeat(releases: Releases, corpus: string): Promise<MeasuredRelease | null> {
  return measured(await championOf(releases, corpus));
}

/** True if a release consists of exactly these artifacts. */
export function serves({ manifest }: MeasuredRelease, refs: CorpusRefs & RerankerRefs): boolean {
  const digests = ({ embedder, ingest, embed, buildIndex, train, untrained }: CorpusRefs & RerankerRefs) =>
    [embedder, ingest, ...embed, buildIndex, train, untrained].map((ref) => ref?.sha256 ?? "none").join();
  return digests(manifest) === digests(refs);
}
