import type { ReleaseFolders } from "../storage/releaseFolders.ts";
import type { Release } from "../storage/releases.ts";
import type { EngineOptions } from "./engine.ts";

/** Options for opening a release whose folders are known. */
export function engineOptions({ id, manifest }: Release, folders: ReleaseFolders): EngineOptions {
  const { ranking, evaluation } = manifest;
  return { ...folders, release: id, ranking, measured: evaluation !== null };
}
