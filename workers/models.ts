import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StageDeps } from "../activities/stageRunner.ts";
import { embedderDir, trainedBaseDir } from "../core/models/locate.ts";

/** Model folders a worker uses, below the cache folder. */
export function findModels(cache: string): StageDeps["models"] {
  const embedder = embedderDir(cache);
  const trained = trainedBaseDir(cache);
  return { embedder, base: existsSync(join(trained, "model.safetensors")) ? trained : embedder };
}
