import { WinnowError } from "../../base/errors.ts";
import { Graph, type Value, type WeightSource } from "../../onnx/graph.ts";
import { gather, mul } from "../../onnx/ops.ts";
import type { EncodedText } from "../batches.ts";
import { RARITY } from "../matching.ts";
import type { LayersApart, Network } from "../network.ts";
import { packedFeeds } from "../packedFeeds.ts";
import { sidesOf } from "../sides.ts";
import { packedLayout, paddedLayout } from "../tokenLayout.ts";
import { constantWeights } from "../weights.ts";
import { buildCrossEncoder, buildLowerLayers, type CrossEncoder } from "./crossEncoderGraph.ts";

/** A family's cross-encoder, which {@link encoderNetwork} builds. */
export interface EncoderNetworkParts extends CrossEncoder {
  /** The separator between question and passage, for architectures without segments; else null. */
  separator: number | null;
  /** Name of the word embeddings. */
  words: string;
  /** Finds the number of a weight's layer in its name. */
  layerName: RegExp;
}

/** The part of a cross-encoder's network that does not depend on its family. */
export function encoderNetwork(parts: EncoderNetworkParts): Omit<Network, "isHead" | "fingerprint" | "config"> {
  const { sizes, separator, head } = parts;
  const sides = ({ ids, typeIds }: EncodedText) =>
    separator === null ? (typeIds ?? ids.map(() => 0)) : sidesOf(ids, separator);
  const logits = (graph: Graph, weights: WeightSource, mask?: () => Value, lower?: Value) => {
    const layout = packedLayout(graph);
    const dropout = mask && {
      states: (states: Value) => mul(graph, states, gather(graph, mask(), layout.sequenceOfToken)),
      pooled: (pooled: Value) => mul(graph, pooled, mask()),
    };
    return buildCrossEncoder(graph, weights, parts, layout, dropout, lower);
  };
  const apart: LayersApart = {
    hidden: sizes.hidden,
    sides,
    lower: (graph, weights) => buildLowerLayers(graph, weights, parts, packedLayout(graph)),
    joint: (graph, weights, states, mask) => logits(graph, weights, mask, states),
  };
  return {
    forward: (graph, weights, mask) => logits(graph, weights, mask),
    apart: head.apart > 0 ? apart : null,
    feeds(rows) {
      const divided = rows.map((row) => ({ ids: row.ids, typeIds: sides(row) }));
      return packedFeeds(divided, head.pooling);
    },
    maskWidth: sizes.hidden,
    frozen: (count) => frozenWeights(count, parts),
    vocabulary: sizes.vocabulary,
    positions: sizes.positions,
    toModel(weights) {
      const graph = new Graph("cross-encoder");
      const layout = paddedLayout(graph, head.pooling, separator);
      graph.output("logits", buildCrossEncoder(graph, constantWeights(graph, weights), parts, layout));
      return graph.toModel();
    },
  };
}

function frozenWeights(count: number, { layers, words, layerName }: EncoderNetworkParts): (name: string) => boolean {
  if (count > layers) throw new WinnowError("BadInput", `frozenLayers is ${count}, but the model has ${layers} layers`);
  return (name) => {
    if (name === words || name === RARITY) return true;
    if (count > 0 && name.startsWith("embeddings.")) return true;
    const layer = layerName.exec(name);
    return layer !== null && Number(layer[1]) < count;
  };
}
