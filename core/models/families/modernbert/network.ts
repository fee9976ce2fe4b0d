import { WinnowError } from "../../../base/errors.ts";
import { Graph } from "../../../onnx/graph.ts";
import type { EncodedText } from "../../batches.ts";
import { RARITY } from "../../matching.ts";
import { type Network, oneLabelConfig } from "../../network.ts";
import { packedFeeds } from "../../packedFeeds.ts";
import { sidesOf } from "../../sides.ts";
import { paddedLayout } from "../../tokenLayout.ts";
import { constantWeights } from "../../weights.ts";
import { packedNetwork } from "../packedNetwork.ts";
import type { ModernBertConfig } from "./config.ts";
import { buildCrossEncoder, buildLowerLayers, type Head } from "./crossEncoderGraph.ts";

const ENCODER = /^(embeddings|layers|final_norm)\./;

export function isEncoderWeight(name: string): boolean {
  return ENCODER.test(name);
}

/** The ModernBERT that Winnow builds itself, from `config.json`. @param freshHead whether its head is untrained. */
export function modernBertNetwork(config: ModernBertConfig, head: Head, freshHead: boolean): Network {
  const { pooling, layers, matching, apart } = head;
  const sides = ({ ids }: EncodedText) => sidesOf(ids, config.separator);
  return {
    ...packedNetwork({
      ...{ hidden: config.hidden, apart, sides },
      logits: (graph, weights, layout, dropout, lower) =>
        buildCrossEncoder(graph, weights, config, layout, head, dropout, lower),
      lower: (graph, weights, layout) => buildLowerLayers(graph, weights, config, layout, head),
    }),
    feeds(rows) {
      const divided = rows.map((row) => ({ ids: row.ids, typeIds: sides(row) }));
      return packedFeeds(divided, pooling);
    },
    maskWidth: config.hidden,
    frozen: (count) => frozenWeights(count, config.layers.length),
    isHead: (name) => freshHead && !isEncoderWeight(name),
    vocabulary: config.vocabulary,
    positions: config.positions,
    fingerprint: JSON.stringify([pooling, layers, matching, apart]),
    toModel(weights) {
      const graph = new Graph("cross-encoder");
      const layout = paddedLayout(graph, pooling, config.separator);
      graph.output("logits", buildCrossEncoder(graph, constantWeights(graph, weights), config, layout, head));
      return graph.toModel();
    },
    config: (base) => ({
      ...oneLabelConfig(config.raw),
      architectures: ["ModernBertForSequenceClassification"],
      classifier_pooling: pooling,
      winnow: { pooling, layers, matching, apart, base },
    }),
  };
}

function frozenWeights(count: number, of: number): (name: string) => boolean {
  if (count > of) throw new WinnowError("BadInput", `frozenLayers is ${count}, but the model has ${of} layers`);
  return (name) => {
    if (name === "embeddings.tok_embeddings.weight" || name === RARITY) return true;
    if (count > 0 && name.startsWith("embeddings.")) return true;
    const layer = /^layers\.(\d+)\./.exec(name);
    return layer !== null && Number(layer[1]) < count;
  };
}
