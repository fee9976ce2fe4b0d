import { championRelease } from "../storage/releaseFolders.ts";
import type { Release, Releases } from "../storage/releases.ts";
import type { CorpusRefs, RerankerRefs } from "./corpusRefs.ts";

/** The champion release of a corpus, or null. */
export async function championOf(releases: Releases, corpus: string): Promise<Release | null> {
  const champion = await releases.champion(corpus);
  return champion ? championRelease(releases, champion) : null;
}

/** True if a release consists of exactly these artifacts. */
export function serves({ manifest }: Release, refs: CorpusRefs & RerankerRefs): boolean {
  const digests = ({ embedder, ingest, embed, buildIndex, train, untrained }: CorpusRefs & RerankerRefs) =>
    [embedder, ingest, ...embed, buildIndex, train, untrained].map((ref) => ref.sha256).join();
  return digests(manifest) === digests(refs);
}
