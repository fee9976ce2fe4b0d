import { join } from "node:path";
import embedder from "./embedder.json" with { type: "json" };

/** Where set-up puts model folders: `models/` in the user's cache folder for Winnow. */
export function modelsDir(cacheDir: string): string {
  return join(cacheDir, "models");
}

/** Folder of the default embedder, all-MiniLM-L6-v2. */
export function embedderDir(cacheDir: string): string {
  return join(modelsDir(cacheDir), embedder.name);
}

/** Where an operator may put a cross-encoder with a trained head, for training to start from. Set-up fetches none. */
export function trainedBaseDir(cacheDir: string): string {
  return join(modelsDir(cacheDir), "ms-marco-MiniLM-L-6-v2");
}
