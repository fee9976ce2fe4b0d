import { join } from "node:path";

/** Where set-up puts model folders: `models/` in the user's cache folder for Winnow. */
export function modelsDir(cacheDir: string): string {
  return join(cacheDir, "models");
}

/** Folder of the default embedder, all-MiniLM-L6-v2. */
export function embedderDir(cacheDir: string): string {
  return join(modelsDir(cacheDir), "all-MiniLM-L6-v2");
}
