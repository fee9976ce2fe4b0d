import type { Embedder, EmbedderOptions } from "../../embedder.ts";
import { openEncoderEmbedder } from "../encoderEmbedder.ts";
import type { Reading } from "../family.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { modernBertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";
import { readModernBertWeights } from "./weights.ts";

/** Opens a ModernBERT embedder. Throws BadModel. */
export async function openModernBertEmbedder(
  folder: ModelFolder,
  reading: Reading,
  options: EmbedderOptions,
): Promise<Embedder> {
  const config = await modernBertConfig(folder);
  return openEncoderEmbedder(folder, reading, options, {
    sizes: config,
    weights: () => readModernBertWeights(folder.dir),
    states: (graph, weights, layout) => buildEncoder(graph, weights, config, layout),
    separator: config.separator,
  });
}
