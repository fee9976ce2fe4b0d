import { WinnowError } from "../base/errors.ts";
import type { Graph, WeightSource } from "../onnx/graph.ts";
import type { Tensor } from "../onnx/runtime.ts";
import { sameDims, show } from "../onnx/shapes.ts";
import type { HostTensor } from "./safetensors.ts";

/** Weights stored in the graph itself. Throws BadModel naming a tensor that is missing or has another shape. */
export function constantWeights(graph: Graph, tensors: Map<string, HostTensor>): WeightSource {
  return (name, dims) => {
    const { data } = requireTensor(tensors, name, dims);
    return graph.initializer(name, { type: "float32", dims: dims as number[], data });
  };
}

/** Weights as the inputs of a session, by name. Throws BadModel as `requireTensor`. */
export function weightFeeds(
  tensors: Map<string, HostTensor>,
  inputs: readonly { name: string; dims: readonly unknown[] }[],
): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dims }): [string, Tensor] => [
      name,
      { type: "float32", ...requireTensor(tensors, name, dims) },
    ]),
  );
}

export function requireTensor(tensors: Map<string, HostTensor>, name: string, dims: readonly unknown[]): HostTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new WinnowError("BadModel", `the model's weights have no tensor ${name}`);
  if (!sameDims(tensor.dims, dims as number[])) {
    const got = show(tensor.dims);
    throw new WinnowError("BadModel", `tensor ${name}: config.json expects ${show(dims as number[])}, got ${got}`);
  }
  return tensor;
}
