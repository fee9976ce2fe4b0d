import type { Graph, Value, WeightSource } from "../../../onnx/graph.ts";
import {
  abs,
  add,
  cast,
  countTo,
  gather,
  gelu,
  gemm,
  layerNorm,
  matmul,
  min,
  mul,
  relu,
  reshape,
  softmax,
  split,
  sub,
} from "../../../onnx/ops.ts";
import { allLayers, type LayerRange } from "../../layerRange.ts";
import { PADDING_SCORE, type TokenLayout } from "../../tokenLayout.ts";
import type { Dropout } from "../crossEncoderGraph.ts";
import type { ModernBertConfig } from "./config.ts";
import { type Rotation, rotation } from "./rotary.ts";

/** Attention of one layer in a graph. */
interface Attention {
  /** Added to the scores; broadcasts to [batch, heads, length, length]. */
  bias: Value;
  rotate: Rotation;
}

/**
 * ModernBERT (Warner et al., 2024) from token ids to the normed states of the last layer, float32 [tokens, hidden].
 * `layout` gives the tokens' places, and `layoutOf` overrides its attention for single layers. Positions count within
 * a row of the batch, as attention depends on their differences alone. `range` selects a part of the layers.
 */
export function buildEncoder(
  graph: Graph,
  weights: WeightSource,
  config: ModernBertConfig,
  layout: TokenLayout,
  dropout: Dropout = (states) => states,
  layoutOf: (layer: number) => TokenLayout = () => layout,
  range: LayerRange = allLayers(config.layers.length),
): Value {
  const { hidden, vocabulary } = config;
  const attentionOf = attentions(graph, config, layoutOf);
  const embedded = () => {
    const words = gather(graph, weights("embeddings.tok_embeddings.weight", [vocabulary, hidden]), layout.ids);
    return dropout(norm(graph, weights, config, "embeddings.norm", words));
  };
  let states = range.states ?? embedded();
  for (let layer = range.first; layer < range.end; layer++) {
    const at = `layers.${layer}`;
    // The embeddings were just normed.
    const read = layer === 0 ? states : norm(graph, weights, config, `${at}.attn_norm`, states);
    const attended = attention(graph, weights, config, `${at}.attn`, read, layout, attentionOf(layer));
    states = add(graph, states, dropout(attended));
    const gated = gatedLayer(
      graph,
      weights,
      config,
      `${at}.mlp`,
      norm(graph, weights, config, `${at}.mlp_norm`, states),
    );
    const output = add(graph, states, dropout(gated));
    // The last layer's states are normed for the head.
    states = layer === config.layers.length - 1 ? norm(graph, weights, config, "final_norm", output) : output;
  }
  return states;
}

function attention(
  graph: Graph,
  weights: WeightSource,
  { hidden, heads, biases }: ModernBertConfig,
  at: string,
  states: Value,
  layout: TokenLayout,
  { bias, rotate }: Attention,
): Value {
  const all = linear(graph, weights, `${at}.Wqkv`, states, 3 * hidden, biases.attention);
  const [questioned, value] = split(graph, all, [2 * hidden, hidden], -1) as [Value, Value];
  // Queries and keys turn together, as twice as many heads.
  const turned = rotate(layout.split(questioned, 2 * heads));
  const [query, key] = split(graph, turned, [heads, heads], 1) as [Value, Value];
  const scores = matmul(graph, query, key, { transB: true, alpha: 1 / Math.sqrt(hidden / heads) });
  const mixed = matmul(graph, softmax(graph, add(graph, scores, bias)), layout.split(value, heads));
  return linear(graph, weights, `${at}.Wo`, layout.join(mixed), hidden, biases.attention);
}

/** GeGLU (Shazeer, 2020): one matrix gives the values and, in its second half, their gates. */
function gatedLayer(
  graph: Graph,
  weights: WeightSource,
  { hidden, inner, biases }: ModernBertConfig,
  at: string,
  states: Value,
): Value {
  const both = linear(graph, weights, `${at}.Wi`, states, 2 * inner, biases.mlp);
  const [value, gate] = split(graph, both, [inner, inner], -1) as [Value, Value];
  return linear(graph, weights, `${at}.Wo`, mul(graph, gelu(graph, value), gate), hidden, biases.mlp);
}

/** Attention by layer. Layers with equal windows and texts share their masks, and equal bases their rotations. */
function attentions(
  graph: Graph,
  { layers, hidden, heads }: ModernBertConfig,
  layoutOf: (layer: number) => TokenLayout,
) {
  const rotations = new Map<number, Rotation>();
  const biases = new Map<string, Value>();
  const made = <K, V>(known: Map<K, V>, key: K, make: () => V): V => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
  return (layer: number): Attention => {
    const { reach, theta } = layers[layer]!;
    const { bias } = layoutOf(layer);
    return {
      rotate: made(rotations, theta, () => rotation(graph, theta, hidden / heads)),
      bias:
        reach === null ? bias : made(biases, `${bias.name} ${reach}`, () => add(graph, bias, windowBias(graph, reach))),
    };
  };
}

/** [1, 1, length, length]: 0 for tokens at most `reach` apart, very negative for others. */
function windowBias(graph: Graph, reach: number): Value {
  const places = cast(graph, countTo(graph, "length"), "float32");
  const [row, column] = [[1, 1, "length", 1] as const, [1, 1, 1, "length"] as const].map((dims) =>
    reshape(graph, places, dims),
  ) as [Value, Value];
  const beyond = relu(graph, sub(graph, abs(graph, sub(graph, row, column)), reach));
  return mul(graph, min(graph, beyond, 1), PADDING_SCORE);
}

function linear(graph: Graph, weights: WeightSource, name: string, x: Value, outputs: number, bias: boolean): Value {
  const weight = weights(`${name}.weight`, [outputs, x.dims[1] as number]);
  return gemm(graph, x, weight, bias ? weights(`${name}.bias`, [outputs]) : null, { transB: true });
}

function norm(
  graph: Graph,
  weights: WeightSource,
  { hidden, epsilon, biases }: ModernBertConfig,
  name: string,
  x: Value,
) {
  const bias = biases.norm ? weights(`${name}.bias`, [hidden]) : null;
  return layerNorm(graph, x, weights(`${name}.weight`, [hidden]), bias, epsilon);
}
