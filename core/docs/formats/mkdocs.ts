import { existsSync } from "node:fs";
import { join, posix } from "node:path";

const NAMES = ["mkdocs.yml", "mkdocs.yaml"];
/** Its file stands beside the folder of pages, or of languages. */
const LEVELS_ABOVE = 2;

/** True for the file that MkDocs is configured by. */
export function isMkDocsFile(path: string): boolean {
  return NAMES.includes(posix.basename(path));
}

/** True where one of these files of a source lies in the docs root or above it, and so configures its pages. */
export function configures(files: string[], root: string): boolean {
  return files.some((file) => {
    const folder = posix.dirname(file);
    return folder === "." || `${root}/`.startsWith(`${folder}/`);
  });
}

/** True where MkDocs is configured above a folder: that may be the pages alone. */
export function isConfiguredAbove(folder: string): boolean {
  const above = Array.from({ length: LEVELS_ABOVE }, (_, i) => join(folder, ...Array<string>(i + 1).fill("..")));
  return above.some((place) => NAMES.some((name) => existsSync(join(place, name))));
}
