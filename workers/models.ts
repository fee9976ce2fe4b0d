import { existsSync } from "node:fs";
import { join } from "node:path";
import { embedderDir, trainedBaseDir } from "../core/models/locate.ts";
import type { StageContext } from "../core/stages/stage.ts";

/** Model folders of a worker, below the cache folder. */
export function findModels(cache: string): StageContext["models"] {
  const embedder = embedderDir(cache);
  const trained = trainedBaseDir(cache);
  return { embedder, base: existsSync(join(trained, "model.safetensors")) ? trained : embedder };
}
