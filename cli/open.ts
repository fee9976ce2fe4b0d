import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { WinnowError } from "../core/base/errors.ts";
import { openStorage } from "../core/storage/openStorage.ts";
import { chosenRelease, type ReleaseFolders, releaseFolders } from "../core/storage/releaseFolders.ts";
import type { Release } from "../core/storage/releases.ts";
import type { CliConfig } from "./config.ts";

export interface ReleaseChoice {
  release?: string;
  corpus?: string;
}

/** The release a command works on, with its folders checked. */
export async function openRelease(
  config: CliConfig,
  choice: ReleaseChoice,
): Promise<{ release: Release; folders: ReleaseFolders }> {
  const { store, releases } = await openStorage(config.home, config.artifacts);
  const release = await chosenRelease(releases, choice);
  return { release, folders: await releaseFolders(store, release) };
}

/** Absolute path of a file or folder an option names. Throws BadInput where there is none. */
export function existing(path: string, option: string): string {
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new WinnowError("BadInput", `--${option}: there is no ${absolute}`);
  return absolute;
}
