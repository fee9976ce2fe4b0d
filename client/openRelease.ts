import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { WinnowError } from "../core/base/errors.ts";
import { chosenRelease, type ReleaseFolders, releaseFolders } from "../core/storage/releaseFolders.ts";
import type { Release } from "../core/storage/releases.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Names a release. Default: the champion of the corpus that was promoted last. */
export interface ReleaseChoice {
  /** Id, or the start of one. */
  release?: string;
  /** The champion of this corpus. */
  corpus?: string;
}

/** A release with the folders of its artifacts. */
export interface ReleaseInFolders {
  release: Release;
  folders: ReleaseFolders;
}

/** The chosen release, every byte of it checked. Throws UnknownRelease, CorruptArtifact. */
export async function openRelease(places: Places, choice: ReleaseChoice): Promise<ReleaseInFolders> {
  const { store, releases } = await storageOf(places);
  const release = await chosenRelease(releases, choice);
  return { release, folders: await releaseFolders(store, release) };
}

/** Absolute path of a file or folder given by an option. Throws BadInput if it does not exist. */
export function existing(path: string, option: string): string {
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new WinnowError("BadInput", `--${option}: there is no ${absolute}`);
  return absolute;
}
