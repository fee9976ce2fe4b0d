import { WinnowError } from "../../../base/errors.ts";
import { Graph } from "../../../onnx/graph.ts";
import type { EncodedText } from "../../batches.ts";
import { headTensors } from "../../headLayers.ts";
import { MATCHING_WEIGHTS, RARITY } from "../../matching.ts";
import { type Network, oneLabelConfig } from "../../network.ts";
import { packedFeeds } from "../../packedFeeds.ts";
import { sidesOf } from "../../sides.ts";
import { paddedLayout } from "../../tokenLayout.ts";
import { constantWeights } from "../../weights.ts";
import { packedNetwork } from "../packedNetwork.ts";
import type { BertConfig } from "./config.ts";
import { buildCrossEncoder, buildLowerLayers, type Head, layersOf } from "./crossEncoderGraph.ts";

export interface NetworkOptions {
  /** Whether the head is untrained. */
  freshHead: boolean;
  /** The separator between question and passage, for architectures without segments; else null. */
  separator: number | null;
}

/** An encoder of BERT's structure that Winnow builds itself, from `config.json`. */
export function bertNetwork(config: BertConfig, head: Head, { freshHead, separator }: NetworkOptions): Network {
  const { pooling, layers, matching, apart } = head;
  const sides = ({ ids, typeIds }: EncodedText) =>
    separator === null ? (typeIds ?? ids.map(() => 0)) : sidesOf(ids, separator);
  const ofHead = new Set([...headTensors(layersOf(head, config), config.hidden).keys(), ...MATCHING_WEIGHTS]);
  return {
    ...packedNetwork({
      ...{ hidden: config.hidden, apart, sides },
      logits: (graph, weights, layout, dropout, lower) =>
        buildCrossEncoder(graph, weights, config, layout, head, dropout, lower),
      lower: (graph, weights, layout) => buildLowerLayers(graph, weights, config, layout, head),
    }),
    feeds(rows) {
      if (separator === null) return packedFeeds(rows, pooling);
      return packedFeeds(
        rows.map(({ ids }) => ({ ids, typeIds: sidesOf(ids, separator) })),
        pooling,
      );
    },
    maskWidth: config.hidden,
    frozen: (layers) => frozenWeights(layers, config.layers),
    isHead: (name) => freshHead && ofHead.has(name),
    vocabulary: config.vocabulary,
    positions: config.positions,
    fingerprint: [
      pooling,
      ...(layers ? [JSON.stringify(layers)] : []),
      ...(matching ? ["matching"] : []),
      ...(apart ? [`${apart} layers apart`] : []),
    ].join(", "),
    toModel(weights) {
      const graph = new Graph("cross-encoder");
      const layout = paddedLayout(graph, pooling, separator);
      graph.output("logits", buildCrossEncoder(graph, constantWeights(graph, weights), config, layout, head));
      return graph.toModel();
    },
    config: (base) => ({
      ...oneLabelConfig(config.raw),
      architectures: [`${config.of.modelTypes[String(config.raw.model_type)]}ForSequenceClassification`],
      winnow: { pooling, ...(layers && { layers }), matching, apart, base },
    }),
  };
}

function frozenWeights(layers: number, of: number): (name: string) => boolean {
  if (layers > of) throw new WinnowError("BadInput", `frozenLayers is ${layers}, but the model has ${of} layers`);
  return (name) => {
    if (name === "embeddings.word_embeddings.weight" || name === RARITY) return true;
    if (layers > 0 && name.startsWith("embeddings.")) return true;
    const layer = /^encoder\.layer\.(\d+)\./.exec(name);
    return layer !== null && Number(layer[1]) < layers;
  };
}
