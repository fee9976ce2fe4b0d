import type { BertConfig } from "../models/bertConfig.ts";
import type { Graph, Value } from "./graph.ts";
import {
  add,
  cast,
  countTo,
  gather,
  gelu,
  gemm,
  layerNorm,
  matmul,
  mul,
  oneHot,
  reshape,
  softmax,
  sub,
  transpose,
} from "./ops.ts";
import type { Dims } from "./shapes.ts";

/** Gives a weight by its name in the BERT checkpoint, as graph input or as constant. */
export type WeightSource = (name: string, dims: Dims) => Value;

/** int64 [batch, length] each; the mask is 1 on tokens and 0 on padding. */
export interface EncoderInputs {
  ids: Value;
  mask: Value;
  typeIds: Value;
}

/** Applied to the output of every sub-layer, [batch, length, hidden]. */
export type Dropout = (hidden: Value) => Value;

/** Added to the attention scores of padding: exp of it is zero beside any real score. */
const PADDING_SCORE = -1e4;

export function encoderInputs(graph: Graph): EncoderInputs {
  const input = (name: string) => graph.input(name, "int64", ["batch", "length"]);
  return { ids: input("input_ids"), mask: input("attention_mask"), typeIds: input("token_type_ids") };
}

/**
 * BERT (Devlin et al., 2019) from token ids to the last layer's states, float32 [batch, length, hidden]. Between the
 * attention products all states are matrices [tokens, hidden], so that every linear layer is one Gemm.
 */
export function buildEncoder(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  inputs: EncoderInputs,
  dropout: Dropout = (hidden) => hidden,
): Value {
  const drop = (states: Value) => flat(graph, dropout(perToken(graph, states, config)), config);
  const bias = paddingBias(graph, inputs.mask);
  let states = drop(embeddings(graph, weights, config, inputs));
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `encoder.layer.${layer}`;
    const attended = attention(graph, weights, config, `${at}.attention.self`, states, bias);
    const mixed = drop(linear(graph, weights, `${at}.attention.output.dense`, attended, config.hidden));
    const middle = norm(graph, weights, config, `${at}.attention.output.LayerNorm`, add(graph, mixed, states));
    const inner = gelu(graph, linear(graph, weights, `${at}.intermediate.dense`, middle, config.inner));
    const outer = drop(linear(graph, weights, `${at}.output.dense`, inner, config.hidden));
    states = norm(graph, weights, config, `${at}.output.LayerNorm`, add(graph, outer, middle));
  }
  return perToken(graph, states, config);
}

/** x W' + b, with W as checkpoints store it: [outputs, inputs]. */
export function linear(graph: Graph, weights: WeightSource, name: string, x: Value, outputs: number): Value {
  const weight = weights(`${name}.weight`, [outputs, x.dims[1] as number]);
  return gemm(graph, x, weight, weights(`${name}.bias`, [outputs]), { transB: true });
}

function embeddings(graph: Graph, weights: WeightSource, config: BertConfig, inputs: EncoderInputs): Value {
  const { hidden } = config;
  const words = gather(graph, weights("embeddings.word_embeddings.weight", [config.vocabulary, hidden]), inputs.ids);
  const positionTable = weights("embeddings.position_embeddings.weight", [config.positions, hidden]);
  const positions = gather(graph, positionTable, countTo(graph, "length"));
  // A product with indicator vectors, not a look-up: its gradient is a product too, hence deterministic.
  const segments = oneHot(graph, inputs.typeIds, config.segments, config.segments);
  const segmentTable = weights("embeddings.token_type_embeddings.weight", [config.segments, hidden]);
  const segment = gemm(graph, reshape(graph, segments, ["tokens", config.segments]), segmentTable, null);
  const placed = flat(graph, add(graph, words, positions), config);
  return norm(graph, weights, config, "embeddings.LayerNorm", add(graph, placed, segment));
}

function attention(
  graph: Graph,
  weights: WeightSource,
  config: BertConfig,
  at: string,
  states: Value,
  bias: Value,
): Value {
  const width = config.hidden / config.heads;
  const perHead = (part: string) => {
    const projected = linear(graph, weights, `${at}.${part}`, states, config.hidden);
    return transpose(graph, reshape(graph, projected, ["batch", "length", config.heads, width]), [0, 2, 1, 3]);
  };
  const [query, key, value] = ["query", "key", "value"].map(perHead) as [Value, Value, Value];
  const scores = matmul(graph, query, key, { transB: true, alpha: 1 / Math.sqrt(width) });
  const context = matmul(graph, softmax(graph, add(graph, scores, bias)), value);
  return flat(graph, transpose(graph, context, [0, 2, 1, 3]), config);
}

function norm(graph: Graph, weights: WeightSource, config: BertConfig, name: string, x: Value): Value {
  const scale = weights(`${name}.weight`, [config.hidden]);
  return layerNorm(graph, x, scale, weights(`${name}.bias`, [config.hidden]), config.epsilon);
}

/** [batch, 1, 1, length]: 0 on tokens, very negative on padding. */
function paddingBias(graph: Graph, mask: Value): Value {
  const padding = sub(graph, 1, cast(graph, mask, "float32"));
  return mul(graph, reshape(graph, padding, ["batch", 1, 1, "length"]), PADDING_SCORE);
}

function flat(graph: Graph, states: Value, config: BertConfig): Value {
  return states.dims.length === 2 ? states : reshape(graph, states, ["tokens", config.hidden]);
}

function perToken(graph: Graph, states: Value, config: BertConfig): Value {
  return reshape(graph, states, ["batch", "length", config.hidden]);
}
