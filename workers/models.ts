import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StageDeps } from "../activities/stageRunner.ts";
import { embedderDir, trainedBaseDir } from "../core/models/locate.ts";

/** Model folders a worker uses, below the cache folder. */
export function findModels(cache: string): StageDeps["models"] {
  const embedder = embedderDir(cache);
  const trained = trainedBaseDir(cache);
  if (!existsSync(join(trained, "model.safetensors"))) return { embedder, base: embedder, baseHasHead: false };
  return { embedder, base: trained, baseHasHead: existsSync(join(trained, "onnx", "model.onnx")) };
}
