import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeModel } from "../onnx/write.ts";
import { MODEL_FILES } from "../reranker/crossEncoder.ts";
import { openBaseModel } from "./baseModel.ts";
import { writeTokenizer } from "./export.ts";

/** A fresh classifier starts at zero, so that no seed shows in the logits. */
const SEED = 1;

/**
 * Writes the reranker that training starts from as a folder that `openCrossEncoder` opens (float32, no card): what
 * fine-tuning has to beat. Throws what `openBaseModel` throws.
 */
export async function writeUntrained(baseDir: string, outDir: string): Promise<void> {
  const { network, weights } = await openBaseModel(baseDir, SEED);
  await mkdir(join(outDir, "onnx"), { recursive: true });
  await writeFile(join(outDir, "onnx", MODEL_FILES.float32), writeModel(network.toModel(weights)));
  await writeTokenizer(baseDir, outDir, network.positions);
}
