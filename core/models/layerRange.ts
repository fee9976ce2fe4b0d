import type { Value } from "../onnx/graph.ts";

/** A part of an encoder's layers: from `first` to the one before `end`. */
export interface LayerRange {
  first: number;
  end: number;
  /** The output of the layer before `first`, float32 [tokens, hidden]; default: the embeddings of the tokens. */
  states?: Value;
}

export function allLayers(count: number): LayerRange {
  return { first: 0, end: count };
}
