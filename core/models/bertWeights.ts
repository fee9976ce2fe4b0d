import { join } from "node:path";
import { WinnowError } from "../base/errors.ts";
import type { Graph, WeightSource } from "../onnx/graph.ts";
import { sameDims, show } from "../onnx/shapes.ts";
import { type HostTensor, readSafetensors } from "./safetensors.ts";

/** A BERT's tensors by their names without the `bert.` prefix that task models put before the encoder's. */
export async function readBertWeights(modelDir: string): Promise<Map<string, HostTensor>> {
  const tensors = await readSafetensors(join(modelDir, "model.safetensors"));
  return new Map([...tensors].map(([name, tensor]) => [name.replace(/^bert\./, ""), tensor]));
}

/** Weights stored in the graph itself. Throws BadModel naming a tensor that is absent or of another shape. */
export function constantWeights(graph: Graph, tensors: Map<string, HostTensor>): WeightSource {
  return (name, dims) => {
    const { data } = requireTensor(tensors, name, dims);
    return graph.initializer(name, { type: "float32", dims: dims as number[], data });
  };
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
