import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { ReleaseManifest, ServingReranker } from "../../contracts/release.ts";
import { WinnowError } from "../base/errors.ts";
import { START } from "../base/ownModules.ts";
import type { Promotion, Release, Releases } from "./releases.ts";
import type { ArtifactStore } from "./store.ts";

/** Folders of a release's serving artifacts, with every byte verified. */
export interface ReleaseFolders {
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  embedderDir: string;
  /** The reranker that serves; null in a release that is not measured. */
  rerankerDir: string | null;
  rerankerRole: ServingReranker["role"];
  /** Evaluation with the calibrations, or the calibration alone in a release that is not measured. */
  evaluateDir: string;
}

/** The release that serves by an entry of the ledger. Throws CorruptArtifact if it is one of another corpus. */
export async function championRelease(
  releases: Pick<Releases, "read">,
  { release: id, corpus }: Pick<Promotion, "release" | "corpus">,
): Promise<Release> {
  const release = await releases.read(id);
  if (release.manifest.corpus === corpus) return release;
  throw new WinnowError(
    "CorruptArtifact",
    `The ledger of ${corpus} names release ${id} of corpus ${release.manifest.corpus}: \`npx winnow fsck\` names the entry.`,
  );
}

/** Every artifact of a release except its own `release.json`. */
export function artifactsOf(manifest: ReleaseManifest): ArtifactRef[] {
  const { embedder, ingest, embed, buildIndex, train, untrained, evaluate, calibration } = manifest;
  const optional = [train, untrained, evaluate, calibration].filter((ref) => ref !== null && ref !== undefined);
  return [embedder, ingest, ...embed, buildIndex, ...optional];
}

/** Resolves a release's artifacts. Throws CorruptArtifact. */
export async function releaseFolders(store: ArtifactStore, { id, manifest }: Release): Promise<ReleaseFolders> {
  const calibrated = manifest.evaluate ?? manifest.calibration;
  if (!calibrated)
    throw new WinnowError("CorruptArtifact", `release ${id} has neither an evaluation nor a calibration`);
  const evaluateDir = await store.resolve(calibrated);
  return {
    ingestDir: await store.resolve(manifest.ingest),
    embedDirs: await Promise.all(manifest.embed.map((ref) => store.resolve(ref))),
    buildIndexDir: await store.resolve(manifest.buildIndex),
    embedderDir: await store.resolve(manifest.embedder),
    rerankerDir: manifest.reranker && (await store.resolve(manifest.reranker.ref)),
    rerankerRole: manifest.reranker?.role ?? "untrained",
    evaluateDir,
  };
}

/**
 * The release with this id; otherwise the champion of the corpus, or of the corpus promoted last. Throws
 * UnknownRelease.
 */
export async function chosenRelease(
  releases: Releases,
  choice: { release?: string; corpus?: string },
): Promise<Release> {
  if (choice.release !== undefined) return releases.read(choice.release);
  const champion = await releases.champion(choice.corpus);
  if (champion) return championRelease(releases, champion);
  const what = choice.corpus ? `No release of corpus ${choice.corpus} serves` : "Nothing has been released";
  throw new WinnowError(
    "UnknownRelease",
    `${what} yet. \`${START.sample}\` releases the sample docs, \`npx winnow run --docs PATH\` yours.`,
  );
}
