import { Graph, type Value, type WeightSource } from "../../onnx/graph.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import type { Embedder, EmbedderOptions } from "../embedder.ts";
import { buildHead } from "../headLayers.ts";
import { normalised } from "../normalised.ts";
import type { HostTensor } from "../safetensors.ts";
import { openTokenizer, requireWords } from "../tokenizer.ts";
import { paddedLayout, type TokenLayout } from "../tokenLayout.ts";
import { constantWeights } from "../weights.ts";
import type { EncoderSizes } from "./crossEncoderGraph.ts";
import { encoderFacts } from "./encoderFacts.ts";
import type { Reading } from "./family.ts";
import { openGraphEmbedder } from "./graphEmbedder.ts";
import type { ModelFolder } from "./modelFolder.ts";
import { readHead } from "./modularHead.ts";
import { descriptionOf } from "./reading.ts";

/** A family's encoder. */
export interface EncoderParts {
  sizes: EncoderSizes;
  weights: () => Promise<Map<string, HostTensor>>;
  /** The last layer's states, float32 [tokens, hidden]. */
  states: (graph: Graph, weights: WeightSource, layout: TokenLayout) => Value;
  /** The separator of pairs, for architectures without segments. */
  separator?: number | null;
}

/**
 * Opens a sentence-transformers encoder (pooling, then normalisation) from `config.json`, `tokenizer.json` and
 * `model.safetensors`. Throws BadModel if one is missing or they do not match.
 */
export async function openEncoderEmbedder(
  folder: ModelFolder,
  reading: Reading,
  options: EmbedderOptions,
  { sizes, weights, states, separator }: EncoderParts,
): Promise<Embedder> {
  const tokenizer = await openTokenizer(folder.dir);
  requireWords(folder.dir, tokenizer, sizes.vocabulary);
  const head = await readHead(await descriptionOf(folder), sizes.hidden);
  const graph = async (): Promise<ModelProto> => {
    const graph = new Graph("embedder");
    const layout = paddedLayout(graph, reading.pooling, separator);
    const constants = constantWeights(graph, new Map([...(await weights()), ...head.weights]));
    const pooled = layout.pool(states(graph, constants, layout));
    graph.output("embeddings", normalised(graph, buildHead(graph, constants, head.layers, pooled)));
    return graph.toModel();
  };
  return openGraphEmbedder({ tokenizer, graph, facts: () => encoderFacts(folder, reading, sizes) }, options);
}
