import type { Embedder, EmbedderOptions } from "../../embedder.ts";
import { openEncoderEmbedder } from "../encoderEmbedder.ts";
import type { Reading } from "../family.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { bertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";
import { readBertWeights } from "./weights.ts";

/** Opens an embedder of BERT's structure. Throws BadModel. */
export async function openBertEmbedder(
  folder: ModelFolder,
  reading: Reading,
  options: EmbedderOptions,
): Promise<Embedder> {
  const config = await bertConfig(folder);
  return openEncoderEmbedder(folder, reading, options, {
    sizes: config,
    weights: () => readBertWeights(folder.dir, config),
    states: (graph, weights, layout) => buildEncoder(graph, weights, config, layout),
  });
}
