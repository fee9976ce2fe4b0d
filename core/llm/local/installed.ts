import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import pinned from "./models.json" with { type: "json" };

/** What a local model is started from. */
export interface Installed {
  /** Folder that holds node-llama-cpp. */
  runtime: string;
  /** GGUF file. */
  file: string;
  /** Pinned digest of the file; null for the user's own. */
  sha256: string | null;
  /** Name of the model. */
  model: string;
  /** What a user must know of the model; null for nothing. */
  note: string | null;
}

/** Finds what set-up installed: the best of the pinned models, or the user's own file. Null if a part is absent. */
export function findLocalLlm(cache: string, own: string | null): Installed | null {
  const runtime = join(cache, "llm", `${pinned.runtime.package}-${pinned.runtime.version}`);
  if (!existsSync(runtime)) return null;
  if (own !== null)
    return existsSync(own) ? { runtime, file: own, sha256: null, model: basename(own, ".gguf"), note: null } : null;
  for (const { name, file, sha256, note } of pinned.models) {
    const path = join(cache, "llm", "models", file);
    if (existsSync(path)) return { runtime, file: path, sha256, model: name, note };
  }
  return null;
}
