import type { Graph, Value, WeightSource } from "../../onnx/graph.ts";
import { gather, mul } from "../../onnx/ops.ts";
import type { LayersApart, Network } from "../network.ts";
import { packedLayout, type TokenLayout } from "../tokenLayout.ts";

/** Applied to states [tokens, hidden] and to pooled states [batch, hidden]. */
export interface CrossEncoderDropout {
  states?: (states: Value) => Value;
  pooled?: (pooled: Value) => Value;
}

/** A family's cross-encoder, which {@link packedNetwork} builds for training. */
export interface CrossEncoderParts {
  hidden: number;
  /** Number of layers, from the first, that read question and passage as two texts. */
  apart: number;
  sides: LayersApart["sides"];
  /** Logits, float32 [batch, 1], from the states after the lower layers if they are given. */
  logits: (
    graph: Graph,
    weights: WeightSource,
    layout: TokenLayout,
    dropout?: CrossEncoderDropout,
    lower?: Value,
  ) => Value;
  /** The states after the lower layers, float32 [tokens, hidden]. */
  lower: (graph: Graph, weights: WeightSource, layout: TokenLayout) => Value;
}

/** What training computes, with the inputs of `packedFeeds`. */
export function packedNetwork(parts: CrossEncoderParts): Pick<Network, "forward" | "apart"> {
  const { hidden, sides } = parts;
  const logits = (graph: Graph, weights: WeightSource, mask?: () => Value, lower?: Value) => {
    const layout = packedLayout(graph);
    const dropout = mask && {
      states: (states: Value) => mul(graph, states, gather(graph, mask(), layout.sequenceOfToken)),
      pooled: (pooled: Value) => mul(graph, pooled, mask()),
    };
    return parts.logits(graph, weights, layout, dropout, lower);
  };
  const apart: LayersApart = {
    hidden,
    sides,
    lower: (graph, weights) => parts.lower(graph, weights, packedLayout(graph)),
    joint: (graph, weights, states, mask) => logits(graph, weights, mask, states),
  };
  return { forward: (graph, weights, mask) => logits(graph, weights, mask), apart: parts.apart > 0 ? apart : null };
}
