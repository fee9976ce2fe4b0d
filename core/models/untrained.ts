import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskContext } from "../base/progress.ts";
import { readModel } from "../onnx/read.ts";
import { writeModel } from "../onnx/write.ts";
import { openBaseModel } from "./families/index.ts";
import { RARITY } from "./matching.ts";
import { writeTokenizer, writeTwin } from "./modelFiles.ts";
import { MODEL_FILES } from "./onnxFiles.ts";
import { tokenRarity } from "./rarity.ts";
import { openTokenizer } from "./tokenizer.ts";

/** A fresh classifier starts at zero, so the seed does not affect the logits. */
const SEED = 1;

/**
 * Writes the untrained reranker as a folder for `openCrossEncoder`, without a model card. Fine-tuning must beat it;
 * otherwise it serves. `texts` are those of all passages and give the rarity of each token, as in training; null leaves
 * all tokens alike. Throws the errors of `openBaseModel`, and Cancelled if `ctx.signal` aborts.
 */
export async function writeUntrained(
  baseDir: string,
  outDir: string,
  texts: Iterable<string> | AsyncIterable<string> | null,
  ctx?: TaskContext,
): Promise<void> {
  const { network, weights, name, hasHead } = await openBaseModel(baseDir, SEED);
  if (texts && !hasHead)
    weights.set(RARITY, await tokenRarity(await openTokenizer(baseDir), texts, network.vocabulary, ctx));
  await mkdir(join(outDir, "onnx"), { recursive: true });
  const model = network.toModel(weights);
  await writeFile(join(outDir, "onnx", MODEL_FILES.float32), writeModel(model));
  const config = network.config(name);
  if (config) await writeFile(join(outDir, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  await writeTokenizer(baseDir, outDir, network.positions);
}

/** Adds the int8 twin to such a folder, if its graph has one. */
export async function addTwin(dir: string): Promise<void> {
  const file = join(dir, "onnx", MODEL_FILES.float32);
  await writeTwin(readModel(await readFile(file), file), join(dir, "onnx", MODEL_FILES.int8));
}
