import { type HeadLayer, headTensors } from "../../headLayers.ts";
import { MATCHING_WEIGHTS } from "../../matching.ts";
import { type Network, oneLabelConfig } from "../../network.ts";
import { encoderNetwork } from "../encoderNetwork.ts";
import type { StatedHead } from "../writtenModel.ts";
import type { BertConfig } from "./config.ts";
import { buildEncoder } from "./encoder.ts";

export interface NetworkOptions {
  /** Whether the head is untrained. */
  freshHead: boolean;
  /** The separator between question and passage, for architectures without segments; else null. */
  separator: number | null;
}

/** An encoder of BERT's structure that Winnow builds itself, from `config.json`. */
export function bertNetwork(config: BertConfig, stated: StatedHead, { freshHead, separator }: NetworkOptions): Network {
  const { pooling, layers, matching, apart } = stated;
  const head = { ...stated, layers: layersOf(stated, config) };
  const ofHead = new Set([...headTensors(head.layers, config.hidden).keys(), ...MATCHING_WEIGHTS]);
  return {
    ...encoderNetwork({
      ...{ sizes: config, layers: config.layers, head, separator },
      encoder: (graph, weights, ...rest) => buildEncoder(graph, weights, config, ...rest),
      words: "embeddings.word_embeddings.weight",
      layerName: /^encoder\.layer\.(\d+)\./,
    }),
    isHead: (name) => freshHead && ofHead.has(name),
    fingerprint: [
      pooling,
      ...(layers ? [JSON.stringify(layers)] : []),
      ...(matching ? ["matching"] : []),
      ...(apart ? [`${apart} layers apart`] : []),
    ].join(", "),
    config: (base) => ({
      ...oneLabelConfig(config.raw),
      architectures: [`${config.of.modelTypes[String(config.raw.model_type)]}ForSequenceClassification`],
      winnow: { pooling, ...(layers && { layers }), matching, apart, base },
    }),
  };
}

/** The layers of a head, with the names of BertForSequenceClassification unless they are modules of their own. */
export function layersOf({ layers }: StatedHead, { hidden, of }: BertConfig): readonly HeadLayer[] {
  const dense = { kind: "dense", bias: true } as const;
  return (
    layers ?? [
      { ...dense, name: "pooler.dense", outputs: hidden, activation: of.headActivation },
      { ...dense, name: "classifier", outputs: 1, activation: "identity" },
    ]
  );
}
