import { Graph } from "../../../onnx/graph.ts";
import type { Embedder, EmbedderOptions } from "../../embedder.ts";
import { normalised } from "../../normalised.ts";
import { openTokenizer } from "../../tokenizer.ts";
import { type Pooling, paddedLayout } from "../../tokenLayout.ts";
import { constantWeights } from "../../weights.ts";
import type { Reading } from "../family.ts";
import { openGraphEmbedder } from "../graphEmbedder.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { type ModernBertConfig, modernBertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";
import { describeModernBert } from "./facts.ts";
import { readModernBertWeights } from "./weights.ts";

/**
 * Opens a sentence-transformers ModernBERT (pooling, then normalisation) from `config.json`, `tokenizer.json` and
 * `model.safetensors`. Throws BadModel if one is missing or they do not match.
 */
export async function openModernBertEmbedder(
  folder: ModelFolder,
  reading: Reading,
  options: EmbedderOptions,
): Promise<Embedder> {
  const config = await modernBertConfig(folder);
  const tokenizer = await openTokenizer(folder.dir);
  const graph = () => embeddingGraph(folder.dir, config, reading.pooling);
  return openGraphEmbedder({ tokenizer, graph, facts: () => describeModernBert(folder, reading) }, options);
}

async function embeddingGraph(modelDir: string, config: ModernBertConfig, pooling: Pooling) {
  const graph = new Graph("embedder");
  const layout = paddedLayout(graph, pooling, config.separator);
  const weights = constantWeights(graph, await readModernBertWeights(modelDir));
  graph.output("embeddings", normalised(graph, layout.pool(buildEncoder(graph, weights, config, layout))));
  return graph.toModel();
}
