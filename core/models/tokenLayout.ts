import type { Graph, Value } from "../onnx/graph.ts";
import {
  cast,
  countTo,
  div,
  expandLike,
  gather,
  gemm,
  matmul,
  mul,
  oneHot,
  reduceSum,
  reshape,
  sub,
  transpose,
} from "../onnx/ops.ts";
import { shapeError } from "../onnx/shapes.ts";
import { sidesOfGraph } from "./sides.ts";

/** How a sequence becomes one vector: the mean over its tokens, or its first token's state. */
export type Pooling = "mean" | "cls";

/**
 * Placement of a batch's tokens. States are matrices [tokens, hidden], so every linear layer is one product. Only
 * attention needs a rectangle of sequences.
 */
export interface TokenLayout {
  /** int64 [tokens] each. */
  ids: Value;
  positions: Value;
  segments: Value;
  /** Added to the attention scores, float32 [batch, 1, 1, length]: 0 on tokens, very negative on padding. */
  bias: Value;
  /** [tokens, hidden] to [batch, heads, length, hidden / heads]. */
  split(states: Value, heads: number): Value;
  /** Inverse of `split`: back to [tokens, hidden]. */
  join(context: Value): Value;
  /** [tokens, hidden] to one vector for each sequence, [batch, hidden]. */
  pool(states: Value): Value;
  /** One row for each token, [tokens, ...], to [batch, length, ...]. `bias` hides the values on padding. */
  rectangle(rows: Value): Value;
  /** One number for each sequence, [batch, 1], repeated for each of its tokens, [tokens]. */
  perToken(numbers: Value): Value;
}

/** Its exp is zero relative to any real score. */
export const PADDING_SCORE = -1e4;

/**
 * The layout of exported models: inputs input_ids, attention_mask and token_type_ids, int64 [batch, length]. Padding is
 * computed like tokens, and masked in attention and pooling.
 *
 * @param separator given for models without segments: there is no input token_type_ids, and the separator divides pairs.
 */
export function paddedLayout(graph: Graph, pooling: Pooling, separator: number | null = null): TokenLayout {
  const input = (name: string) => graph.input(name, "int64", ["batch", "length"]);
  const [ids, mask] = [input("input_ids"), input("attention_mask")];
  const segments = separator === null ? input("token_type_ids") : sidesOfGraph(graph, ids, separator);
  const flat = (x: Value) => reshape(graph, x, ["tokens"]);
  const tokens = cast(graph, mask, "float32");
  const padding = mul(graph, reshape(graph, sub(graph, 1, tokens), ["batch", 1, 1, "length"]), PADDING_SCORE);
  const width = (x: Value) => x.dims.at(-1) as number;
  return {
    ids: flat(ids),
    positions: flat(expandLike(graph, countTo(graph, "length"), ids)),
    segments: flat(segments),
    bias: padding,
    split: (states, heads) => splitHeads(graph, states, heads),
    join: (context) => joinHeads(graph, context, "tokens"),
    pool(states) {
      const rectangle = reshape(graph, states, ["batch", "length", width(states)]);
      const weights = pooling === "mean" ? meanWeights(graph, tokens) : firstToken(graph);
      return reshape(graph, matmul(graph, weights, rectangle), ["batch", width(states)]);
    },
    rectangle: (rows) => reshape(graph, rows, ["batch", "length", ...rows.dims.slice(1)]),
    perToken: (numbers) => flat(expandLike(graph, numbers, ids)),
  };
}

export interface PackedLayout extends TokenLayout {
  /** The sequence of each token, int64 [tokens]. */
  sequenceOfToken: Value;
}

/**
 * The layout of training: real tokens only, one sequence after the other, so padding costs nothing outside attention.
 * `packedFeeds` creates its inputs.
 */
export function packedLayout(graph: Graph): PackedLayout {
  const perToken = (name: string) => graph.input(name, "int64", ["tokens"]);
  const tokenOfSlot = graph.input("token_of_slot", "int64", ["batch", "length"]);
  const [slotOfToken, sequenceOfToken] = [perToken("slot_of_token"), perToken("sequence_of_token")];
  const slotMask = graph.input("slot_mask", "float32", ["slots", 1]);
  const poolWeights = graph.input("pool_weights", "float32", ["batch", "tokens"]);
  graph.declareInverse(tokenOfSlot, slotOfToken);
  return {
    ids: perToken("input_ids"),
    positions: perToken("position_ids"),
    segments: perToken("token_type_ids"),
    sequenceOfToken,
    bias: graph.input("attention_bias", "float32", ["batch", 1, 1, "length"]),
    split: (states, heads) => splitHeads(graph, gather(graph, states, tokenOfSlot), heads),
    join(context) {
      // Empty slots become zero here, so no gradient flows back into them.
      const slots = mul(graph, joinHeads(graph, context, "slots"), slotMask);
      return gather(graph, slots, slotOfToken);
    },
    pool: (states) => gemm(graph, poolWeights, states, null),
    rectangle: (rows) => gather(graph, rows, tokenOfSlot),
    perToken: (numbers) => reshape(graph, gather(graph, numbers, sequenceOfToken), ["tokens"]),
  };
}

function splitHeads(graph: Graph, states: Value, heads: number): Value {
  const width = (states.dims.at(-1) as number) / heads;
  return transpose(graph, reshape(graph, states, ["batch", "length", heads, width]), [0, 2, 1, 3]);
}

function joinHeads(graph: Graph, context: Value, rows: string): Value {
  const [, heads, , width] = context.dims as [string, number, string, number];
  return reshape(graph, transpose(graph, context, [0, 2, 1, 3]), [rows, heads * width]);
}

/** [batch, 1, length]: pooling is a product with weights over the tokens. */
function meanWeights(graph: Graph, tokens: Value): Value {
  return reshape(graph, div(graph, tokens, reduceSum(graph, tokens, [1])), ["batch", 1, "length"]);
}

/** [1, 1, length]: 1 at the first place. */
function firstToken(graph: Graph): Value {
  const length = graph.dimension("length");
  if (!length) throw shapeError(`${graph.name} has no axis called length`);
  return reshape(graph, oneHot(graph, graph.integers([0]), length, "length"), [1, 1, "length"]);
}
