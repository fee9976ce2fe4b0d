import { join, posix } from "node:path";
import { lookAt } from "../base/given/files.ts";
import { FORMATS } from "./formats/index.ts";

/** A configuration file lies beside the folder of pages, or beside that of languages. */
const LEVELS_ABOVE = 2;

/**
 * Name of the format whose configuration file, one of `configs`, lies in a source's docs root or above it; null if
 * there is none. If `folder` is given, it may hold the pages alone: the file may then also lie above it on disk.
 */
export async function generatorOf(configs: string[], root: string, folder: string | null): Promise<string | null> {
  for (const { name, configFiles = [] } of FORMATS) {
    const own = configs.filter((path) => configFiles.includes(posix.basename(path)));
    if (configures(own, root) || (folder !== null && (await isConfiguredAbove(folder, configFiles)))) return name;
  }
  return null;
}

function configures(configs: string[], root: string): boolean {
  return configs.some((file) => {
    const folder = posix.dirname(file);
    return folder === "." || `${root}/`.startsWith(`${folder}/`);
  });
}

async function isConfiguredAbove(folder: string, names: readonly string[]): Promise<boolean> {
  const above = Array.from({ length: LEVELS_ABOVE }, (_, i) => join(folder, ...Array<string>(i + 1).fill("..")));
  for (const place of above)
    for (const name of names) if (await lookAt(join(place, name)).catch(() => null)) return true;
  return false;
}
