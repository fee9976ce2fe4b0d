import type { Graph, GraphNode, Value } from "../../../onnx/graph.ts";
import { cast, div, exp, expandLike, matmul, mul, reduceSum, reshape, sub } from "../../../onnx/ops.ts";
import { reduced, shapeError, show } from "../../../onnx/shapes.ts";
import type { GradientRule } from "../rule.ts";

// Y = sum of X over some axes: dX = dY, repeated along them
export const reduceSumRule: GradientRule = (graph, node, dY) => [() => spread(graph, node, dY), null];

// Y = mean of X over some axes: dX = dY / (elements averaged), repeated along them
export const reduceMeanRule: GradientRule = (graph, node, dY) => [
  () => {
    const [x, y] = [node.inputs[0]!, node.outputs[0]!].map((value) =>
      cast(graph, graph.node("Size", [value], {}, "int64", []), "float32"),
    ) as [Value, Value];
    return spread(graph, node, mul(graph, dY, div(graph, y, x)));
  },
  null,
];

// dX = Y * (dY - sum(dY * Y)), the sum over the last axis
export const softmaxRule: GradientRule = (graph, node, dY) => [
  () => {
    const y = node.outputs[0]!;
    return mul(graph, y, sub(graph, dY, reduceSum(graph, mul(graph, dY, y), [-1])));
  },
];

// dX = dY - exp(Y) * sum(dY), the sum over the last axis
export const logSoftmaxRule: GradientRule = (graph, node, dY) => [
  () => sub(graph, dY, mul(graph, exp(graph, node.outputs[0]!), reduceSum(graph, dY, [-1]))),
];

/**
 * Y = N * scale + bias with N = (X - mean) * D, where D is the inverse deviation over the last axis of n elements.
 * dScale = dY * N, dBias = dY, and with G = dY * scale:
 * dX = D * (G - sum(G) / n - N * sum(G * N) / n).
 * Both sums are matrix products with the scale as a column, which read dY and dY * N once each.
 */
export const layerNormRule: GradientRule = (graph, node, dY) => {
  const [x, scale] = node.inputs as [Value, Value];
  const [, mean, inverseDeviation] = node.outputs as [Value, Value, Value];
  const width = x.dims.at(-1);
  if (typeof width !== "number") throw shapeError(`LayerNormalization of ${show(x.dims)}: last axis has no size`);
  const normal = mul(graph, sub(graph, x, mean), inverseDeviation);
  const dScale = mul(graph, dY, normal);
  return [
    () => {
      const column = reshape(graph, scale, [width, 1]);
      const sumG = matmul(graph, dY, column, { alpha: 1 / width });
      const sumGN = matmul(graph, dScale, column, { alpha: 1 / width });
      const centred = sub(graph, mul(graph, dY, scale), sumG);
      return mul(graph, sub(graph, centred, mul(graph, normal, sumGN)), inverseDeviation);
    },
    () => dScale,
    () => dY,
  ];
};

function spread(graph: Graph, node: GraphNode, dY: Value): Value {
  const x = node.inputs[0]!;
  const axes = reducedAxes(graph, node);
  return expandLike(graph, reshape(graph, dY, reduced(x.dims, axes, true)), x);
}

function reducedAxes(graph: Graph, node: GraphNode): number[] {
  const axes = graph.integersOf(node.inputs[1]!);
  if (!axes) throw shapeError(`${node.op}: its axes must be constants`);
  return axes;
}
