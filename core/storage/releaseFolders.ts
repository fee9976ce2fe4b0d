import { existsSync } from "node:fs";
import { join } from "node:path";
import { WinnowError } from "../base/errors.ts";
import type { Release, Releases } from "./releases.ts";
import type { ArtifactStore } from "./store.ts";

/** Folders of all that a release serves with, every byte checked. */
export interface ReleaseFolders {
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  /** Model folder of the reranker that serves (`servingReranker`). */
  rerankerDir: string;
  /** Whether that was trained, or is the untrained one. */
  rerankerRole: "tuned" | "untrained";
  evaluateDir: string;
  /** `calibration.json` of the evaluate artifact. */
  calibration: string;
}

/** Folder below an evaluate artifact with the reranker as it was before training; there only where that one serves. */
export const BASE_RERANKER = "reranker";

/** The tuned reranker's folder, or that of the untrained one where the evaluation found it better. */
export function servingReranker(trainDir: string, evaluateDir: string): string {
  const base = join(evaluateDir, BASE_RERANKER);
  return existsSync(base) ? base : trainDir;
}

/** Resolves a release's artifacts. Throws CorruptArtifact. */
export async function releaseFolders(store: ArtifactStore, { manifest }: Release): Promise<ReleaseFolders> {
  const evaluateDir = await store.resolve(manifest.evaluate);
  const trainDir = await store.resolve(manifest.train);
  const rerankerDir = servingReranker(trainDir, evaluateDir);
  return {
    ingestDir: await store.resolve(manifest.ingest),
    embedDirs: await Promise.all(manifest.embed.map((ref) => store.resolve(ref))),
    buildIndexDir: await store.resolve(manifest.buildIndex),
    rerankerDir,
    rerankerRole: rerankerDir === trainDir ? "tuned" : "untrained",
    evaluateDir,
    calibration: join(evaluateDir, "calibration.json"),
  };
}

/** The release with this id, else the champion of the corpus, else of the corpus promoted last. Throws UnknownRelease. */
export async function chosenRelease(
  releases: Releases,
  choice: { release?: string; corpus?: string },
): Promise<Release> {
  if (choice.release) return releases.read(choice.release);
  const champion = await releases.champion(choice.corpus);
  if (champion) return releases.read(champion.release);
  const what = choice.corpus ? `No release of corpus ${choice.corpus} serves` : "Nothing has been released";
  throw new WinnowError(
    "UnknownRelease",
    `${what} yet. \`npm start\` releases the sample docs, \`npx winnow run --docs PATH\` yours.`,
  );
}
