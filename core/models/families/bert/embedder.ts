import { Graph } from "../../../onnx/graph.ts";
import type { ModelProto } from "../../../onnx/schema.ts";
import type { Embedder, EmbedderOptions } from "../../embedder.ts";
import { buildHead } from "../../headLayers.ts";
import { normalised } from "../../normalised.ts";
import { openTokenizer, requireWords } from "../../tokenizer.ts";
import { type Pooling, paddedLayout } from "../../tokenLayout.ts";
import { constantWeights } from "../../weights.ts";
import type { Reading } from "../family.ts";
import { openGraphEmbedder } from "../graphEmbedder.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { type ModularHead, readHead } from "../modularHead.ts";
import { descriptionOf } from "../reading.ts";
import { type BertConfig, bertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";
import { describeBert } from "./facts.ts";
import { readBertWeights } from "./weights.ts";

/**
 * Opens a sentence-transformers encoder of BERT's structure (pooling, then normalisation) from `config.json`, `tokenizer.json` and
 * `model.safetensors`. Throws BadModel if one is missing or they do not match.
 */
export async function openBertEmbedder(
  folder: ModelFolder,
  reading: Reading,
  options: EmbedderOptions,
): Promise<Embedder> {
  const config = await bertConfig(folder);
  const tokenizer = await openTokenizer(folder.dir);
  requireWords(folder.dir, tokenizer, config.vocabulary);
  const head = await readHead(await descriptionOf(folder), config.hidden);
  const graph = () => embeddingGraph(folder.dir, config, reading.pooling, head);
  return openGraphEmbedder({ tokenizer, graph, facts: () => describeBert(folder, reading) }, options);
}

async function embeddingGraph(
  modelDir: string,
  config: BertConfig,
  pooling: Pooling,
  head: ModularHead,
): Promise<ModelProto> {
  const graph = new Graph("embedder");
  const layout = paddedLayout(graph, pooling);
  const tensors = new Map([...(await readBertWeights(modelDir, config)), ...head.weights]);
  const weights = constantWeights(graph, tensors);
  const pooled = layout.pool(buildEncoder(graph, weights, config, layout));
  graph.output("embeddings", normalised(graph, buildHead(graph, weights, head.layers, pooled)));
  return graph.toModel();
}
