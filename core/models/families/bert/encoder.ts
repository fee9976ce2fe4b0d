import type { Graph, Value, WeightSource } from "../../../onnx/graph.ts";
import { add, gather, gelu, gemm, layerNorm, matmul, oneHot, softmax } from "../../../onnx/ops.ts";
import { allLayers, type LayerRange } from "../../layerRange.ts";
import type { TokenLayout } from "../../tokenLayout.ts";
import type { Dropout } from "../crossEncoderGraph.ts";
import type { BertConfig } from "./config.ts";

/**
 * BERT (Devlin et al., 2019) and encoders of its structure, with weights by BERT's names, from token ids to the last layer's states, float32 [tokens, hidden]. `layout` gives the
 * tokens' places. `layoutOf` overrides it for single layers. `range` selects a part of the layers.
 */
export function buildEncoder(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  layout: TokenLayout,
  dropout: Dropout = (states) => states,
  layoutOf: (layer: number) => TokenLayout = () => layout,
  range: LayerRange = allLayers(config.layers),
): Value {
  let states = range.states ?? dropout(embeddings(graph, weights, config, layout));
  for (let layer = range.first; layer < range.end; layer++) {
    const at = `encoder.layer.${layer}`;
    const attended = attention(graph, weights, config, `${at}.attention.self`, states, layoutOf(layer));
    const mixed = dropout(linear(graph, weights, `${at}.attention.output.dense`, attended, config.hidden));
    const middle = norm(graph, weights, config, `${at}.attention.output.LayerNorm`, add(graph, mixed, states));
    const inner = gelu(graph, linear(graph, weights, `${at}.intermediate.dense`, middle, config.inner));
    const outer = dropout(linear(graph, weights, `${at}.output.dense`, inner, config.hidden));
    states = norm(graph, weights, config, `${at}.output.LayerNorm`, add(graph, outer, middle));
  }
  return states;
}

/** x W' + b, with W as checkpoints store it: [outputs, inputs]. */
export function linear(graph: Graph, weights: WeightSource, name: string, x: Value, outputs: number): Value {
  const weight = weights(`${name}.weight`, [outputs, x.dims[1] as number]);
  return gemm(graph, x, weight, weights(`${name}.bias`, [outputs]), { transB: true });
}

function embeddings(graph: Graph, weights: WeightSource, config: BertConfig, layout: TokenLayout): Value {
  const { hidden, vocabulary, positions, segments } = config;
  const words = gather(graph, weights("embeddings.word_embeddings.weight", [vocabulary, hidden]), layout.ids);
  const places = gather(graph, weights("embeddings.position_embeddings.weight", [positions, hidden]), layout.positions);
  const segment = segments > 0 ? segmentOf(graph, weights, config, layout) : null;
  const sum = add(graph, words, places);
  return norm(graph, weights, config, "embeddings.LayerNorm", segment ? add(graph, sum, segment) : sum);
}

function segmentOf(graph: Graph, weights: WeightSource, { segments, hidden }: BertConfig, layout: TokenLayout): Value {
  const table = weights("embeddings.token_type_embeddings.weight", [segments, hidden]);
  if (segments === 1) return table;
  // A product with indicator vectors: its gradient is a product too, not a long sum into two rows.
  return gemm(graph, oneHot(graph, layout.segments, segments, segments), table, null);
}

function attention(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  at: string,
  states: Value,
  layout: TokenLayout,
): Value {
  const perHead = (part: string) =>
    layout.split(linear(graph, weights, `${at}.${part}`, states, config.hidden), config.heads);
  const [query, key, value] = ["query", "key", "value"].map(perHead) as [Value, Value, Value];
  const alpha = 1 / Math.sqrt(config.hidden / config.heads);
  const scores = matmul(graph, query, key, { transB: true, alpha });
  return layout.join(matmul(graph, softmax(graph, add(graph, scores, layout.bias)), value));
}

function norm(graph: Graph, weights: WeightSource, config: BertConfig, name: string, x: Value): Value {
  const scale = weights(`${name}.weight`, [config.hidden]);
  return layerNorm(graph, x, scale, weights(`${name}.bias`, [config.hidden]), config.epsilon);
}
