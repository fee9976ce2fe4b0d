import { existsSync } from "node:fs";
import { join, posix } from "node:path";

/** Its file stands beside the folder of pages, or of languages. */
const LEVELS_ABOVE = 2;

/** True where a folder of docs is published by MkDocs: its configuration lies in the docs root or above it. */
export function isMkDocs(source: string, root: string): boolean {
  const inside = [""];
  for (let folder = root; folder !== "" && folder !== "."; folder = posix.dirname(folder)) inside.push(folder);
  const above = Array.from({ length: LEVELS_ABOVE }, (_, i) => join(source, ...Array<string>(i + 1).fill("..")));
  const folders = [...inside.map((folder) => join(source, folder)), ...above];
  return folders.some((folder) => ["mkdocs.yml", "mkdocs.yaml"].some((name) => existsSync(join(folder, name))));
}
