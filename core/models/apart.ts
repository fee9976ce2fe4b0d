import type { Graph } from "../onnx/graph.ts";
import { add, cast, mul, reduceSum, reshape, sub } from "../onnx/ops.ts";
import { PADDING_SCORE, type TokenLayout } from "./tokenLayout.ts";

/**
 * Lays out a pair as two separate texts: passage positions start at its first token, both have segment 0, and neither
 * attends to the other. An embedder was trained on single texts, so a pair read as one text of two segments is foreign
 * to it.
 */
export function apartLayout(graph: Graph, layout: TokenLayout): TokenLayout {
  const ofPassage = cast(graph, layout.segments, "float32");
  const sides = layout.rectangle(ofPassage);
  const length = sides.dims[1]!;
  const tokens = add(graph, 1, mul(graph, reshape(graph, layout.bias, ["batch", length]), -1 / PADDING_SCORE));
  const ofQuestion = reduceSum(graph, mul(graph, tokens, sub(graph, 1, sides)), [1]);
  // The passage's first token is at position 1. Position 0 belongs to [CLS], which the passage lacks.
  const shift = mul(graph, ofPassage, sub(graph, layout.perToken(ofQuestion), 1));
  const positions = cast(graph, sub(graph, cast(graph, layout.positions, "float32"), shift), "int64");

  const differ = sub(
    graph,
    reshape(graph, sides, ["batch", 1, length, 1]),
    reshape(graph, sides, ["batch", 1, 1, length]),
  );
  return {
    ...layout,
    positions,
    segments: cast(graph, mul(graph, ofPassage, 0), "int64"),
    bias: add(graph, layout.bias, mul(graph, mul(graph, differ, differ), PADDING_SCORE)),
  };
}
