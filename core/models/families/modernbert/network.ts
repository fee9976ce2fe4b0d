import { type Network, oneLabelConfig } from "../../network.ts";
import type { Head } from "../crossEncoderGraph.ts";
import { encoderNetwork } from "../encoderNetwork.ts";
import type { ModernBertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";

const ENCODER = /^(embeddings|layers|final_norm)\./;

export function isEncoderWeight(name: string): boolean {
  return ENCODER.test(name);
}

/** The ModernBERT that Winnow builds itself, from `config.json`. @param freshHead whether its head is untrained. */
export function modernBertNetwork(config: ModernBertConfig, head: Head, freshHead: boolean): Network {
  const { pooling, layers, matching, apart } = head;
  return {
    ...encoderNetwork({
      ...{ sizes: config, layers: config.layers.length, head, separator: config.separator },
      encoder: (graph, weights, ...rest) => buildEncoder(graph, weights, config, ...rest),
      words: "embeddings.tok_embeddings.weight",
      layerName: /^layers\.(\d+)\./,
    }),
    isHead: (name) => freshHead && !isEncoderWeight(name),
    fingerprint: JSON.stringify([pooling, layers, matching, apart]),
    config: (base) => ({
      ...oneLabelConfig(config.raw),
      architectures: ["ModernBertForSequenceClassification"],
      classifier_pooling: pooling,
      winnow: { pooling, layers, matching, apart, base },
    }),
  };
}
