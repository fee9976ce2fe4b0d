import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { FORMATS } from "./formats/index.ts";

/** A configuration file lies beside the folder of pages, or beside that of languages. */
const LEVELS_ABOVE = 2;

/**
 * Name of the format whose configuration file, one of `configs`, lies in a source's docs root or above it; null if
 * there is none. If `folder` is given, it may hold the pages alone: the file may then also lie above it on disk.
 */
export function generatorOf(configs: string[], root: string, folder: string | null): string | null {
  const generator = FORMATS.find(({ configFiles = [] }) => {
    const own = configs.filter((path) => configFiles.includes(posix.basename(path)));
    return configures(own, root) || (folder !== null && isConfiguredAbove(folder, configFiles));
  });
  return generator?.name ?? null;
}

function configures(configs: string[], root: string): boolean {
  return configs.some((file) => {
    const folder = posix.dirname(file);
    return folder === "." || `${root}/`.startsWith(`${folder}/`);
  });
}

function isConfiguredAbove(folder: string, names: readonly string[]): boolean {
  const above = Array.from({ length: LEVELS_ABOVE }, (_, i) => join(folder, ...Array<string>(i + 1).fill("..")));
  return above.some((place) => names.some((name) => existsSync(join(place, name))));
}
