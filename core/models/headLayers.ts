import type { Graph, Value, WeightSource } from "../onnx/graph.ts";
import { gelu, gemm, layerNorm, relu, tanh } from "../onnx/ops.ts";

const ACTIVATIONS = {
  identity: (_: Graph, x: Value) => x,
  gelu,
  relu,
  tanh,
};
export type HeadActivation = keyof typeof ACTIVATIONS;

/**
 * One layer between the pooled state and the logit. `name` is that of its tensors: NAME.weight and, if it has a bias,
 * NAME.bias.
 */
export type HeadLayer =
  | { kind: "dense"; name: string; outputs: number; bias: boolean; activation: HeadActivation }
  | { kind: "norm"; name: string; bias: boolean; epsilon: number };

export function isActivation(name: string): name is HeadActivation {
  return Object.hasOwn(ACTIVATIONS, name);
}

/** From the pooled states, float32 [batch, hidden], to the last layer's outputs. `dropout` is before that layer. */
export function buildHead(
  graph: Graph,
  weights: WeightSource,
  layers: readonly HeadLayer[],
  pooled: Value,
  dropout: (features: Value) => Value = (features) => features,
): Value {
  return layers.reduce((features, layer, i) => {
    const read = i === layers.length - 1 ? dropout(features) : features;
    return headLayer(graph, weights, layer, read);
  }, pooled);
}

function headLayer(graph: Graph, weights: WeightSource, layer: HeadLayer, x: Value): Value {
  const [weight, bias] = Object.entries(headShapes(layer, x.dims[1] as number)).map(([name, dims]) =>
    weights(name, dims),
  ) as [Value, Value | undefined];
  if (layer.kind === "norm") return layerNorm(graph, x, weight, bias ?? null, layer.epsilon);
  const features = gemm(graph, x, weight, bias ?? null, { transB: true });
  return ACTIVATIONS[layer.activation](graph, features);
}

/** The names and shapes of a layer's tensors for inputs of this width. */
function headShapes(layer: HeadLayer, width: number): Record<string, number[]> {
  const size = layer.kind === "norm" ? width : layer.outputs;
  return {
    [`${layer.name}.weight`]: layer.kind === "norm" ? [width] : [size, width],
    ...(layer.bias ? { [`${layer.name}.bias`]: [size] } : {}),
  };
}

/** The names and shapes of all tensors of a head that reads pooled states of this width. */
export function headTensors(layers: readonly HeadLayer[], hidden: number): Map<string, number[]> {
  let width = hidden;
  const tensors = new Map<string, number[]>();
  for (const layer of layers) {
    for (const [name, dims] of Object.entries(headShapes(layer, width))) tensors.set(name, dims);
    if (layer.kind === "dense") width = layer.outputs;
  }
  return tensors;
}
