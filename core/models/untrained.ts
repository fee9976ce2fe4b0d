import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readModel } from "../onnx/read.ts";
import { writeModel } from "../onnx/write.ts";
import { openBaseModel } from "./families/index.ts";
import { RARITY } from "./matching.ts";
import { writeTokenizer, writeTwin } from "./modelFiles.ts";
import { MODEL_FILES } from "./onnxFiles.ts";

/** A fresh classifier starts at zero, so that no seed shows in the logits. */
const SEED = 1;

/**
 * Writes the reranker that training starts from as a folder that `openCrossEncoder` opens, without card: what fine-tuning has to beat, and what serves where it does not. `tuned` is the reranker trained from it, which
 * knows how rare each token is in the docs. Throws what `openBaseModel` throws.
 */
export async function writeUntrained(baseDir: string, outDir: string, tuned: string | null): Promise<void> {
  const { network, weights, name, hasHead } = await openBaseModel(baseDir, SEED);
  const rarity = tuned && !hasHead ? (await openBaseModel(tuned, SEED)).weights.get(RARITY) : null;
  if (rarity) weights.set(RARITY, rarity);
  await mkdir(join(outDir, "onnx"), { recursive: true });
  const model = network.toModel(weights);
  await writeFile(join(outDir, "onnx", MODEL_FILES.float32), writeModel(model));
  const config = network.config(name);
  if (config) await writeFile(join(outDir, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  await writeTokenizer(baseDir, outDir, network.positions);
}

/** Adds the int8 twin to such a folder, where its graph has one. */
export async function addTwin(dir: string): Promise<void> {
  const file = join(dir, "onnx", MODEL_FILES.float32);
  await writeTwin(readModel(await readFile(file), file), join(dir, "onnx", MODEL_FILES.int8));
}
