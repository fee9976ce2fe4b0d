import type { Graph, Value } from "../../../onnx/graph.ts";
import { add, cast, concat, cos, countTo, matmul, mul, reshape, sin, split, sub } from "../../../onnx/ops.ts";

/** Turns the states of heads, [batch, heads, length, width], by their positions. */
export type Rotation = (states: Value) => Value;

/**
 * Rotary positions (Su et al., 2021) in the form of Hugging Face's models, where element i of a head's first half and
 * element i of its second half are a point that is turned by position / theta^(2 i / width).
 */
export function rotation(graph: Graph, theta: number, width: number): Rotation {
  const half = width / 2;
  const frequencies = graph.initializer(`rotary_frequencies_${theta}`, {
    type: "float32",
    dims: [1, half],
    data: Float32Array.from({ length: half }, (_, i) => 1 / Math.fround(theta ** ((2 * i) / width))),
  });
  const places = reshape(graph, cast(graph, countTo(graph, "length"), "float32"), ["length", 1]);
  const angles = matmul(graph, places, frequencies);
  const [cosines, sines] = [cos(graph, angles), sin(graph, angles)];
  return (states) => {
    const [x, y] = split(graph, states, [half, half], -1) as [Value, Value];
    const turned = [
      sub(graph, mul(graph, x, cosines), mul(graph, y, sines)),
      add(graph, mul(graph, y, cosines), mul(graph, x, sines)),
    ];
    return concat(graph, turned, -1);
  };
}
