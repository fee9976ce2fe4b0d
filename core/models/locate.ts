import { join } from "node:path";
import embedder from "./embedder.json" with { type: "json" };

/** Folder in which set-up puts models: `models/` in the user's cache folder for Winnow. */
export function modelsDir(cacheDir: string): string {
  return join(cacheDir, "models");
}

/** Folder of the default embedder, all-MiniLM-L6-v2. */
export function embedderDir(cacheDir: string): string {
  return join(modelsDir(cacheDir), embedder.name);
}

/** Folder for an operator's cross-encoder with a trained head, as a base for training. Set-up does not fetch one. */
export function trainedBaseDir(cacheDir: string): string {
  return join(modelsDir(cacheDir), "ms-marco-MiniLM-L-6-v2");
}
