import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StageDeps } from "../activities/stageRunner.ts";
import { embedderDir } from "../core/models/locate.ts";

/** A cross-encoder with a trained head: training starts from it where set-up or the operator put one there. */
const TRAINED_BASE = "ms-marco-MiniLM-L-6-v2";

/** Model folders a worker uses, below the cache folder. */
export function findModels(cache: string): StageDeps["models"] {
  const embedder = embedderDir(cache);
  const trained = join(cache, "models", TRAINED_BASE);
  if (!existsSync(join(trained, "model.safetensors"))) return { embedder, base: embedder, baseHasHead: false };
  return { embedder, base: trained, baseHasHead: existsSync(join(trained, "onnx", "model.onnx")) };
}
