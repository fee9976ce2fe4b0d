import { integerTensor, plainNode } from "../../onnx/protoParts.ts";
import type { Tensor } from "../../onnx/runtime.ts";
import { ELEMENT_CODES, type NodeProto, type TensorProto, type ValueProto } from "../../onnx/schema.ts";

/** The inputs of one iteration, taken from inputs that hold those of all iterations. */
export interface Unstacked {
  /** What `stacked` makes. */
  inputs: ValueProto[];
  /** Nodes of the iteration that compute its inputs, under their names. */
  nodes: NodeProto[];
  initializers: TensorProto[];
}

/**
 * Takes `inputs`, whose sizes may differ from iteration to iteration, for the iteration whose number is the value
 * `index`, int64 []. `loop` makes names unique.
 */
export function unstacked(inputs: readonly ValueProto[], index: string, loop: string): Unstacked {
  const axis = integerTensor(`${loop}:axis`, [0]);
  const take = (of: string, at: string, as: string) => plainNode("Gather", [of, at], as);
  return {
    inputs: inputs.flatMap(({ name, elementCode, dims }) => [
      { name: `${name}:all`, elementCode, dims: [`${name}:elements`] },
      ...(dims.length > 0 ? [places(`${name}:starts`, 1), places(`${name}:ends`, 1)] : []),
      ...(dims.length > 0 ? [places(`${name}:sizes`, dims.length)] : []),
    ]),
    nodes: inputs.flatMap(({ name, dims }) => {
      if (dims.length === 0) return [take(`${name}:all`, index, name)];
      const [start, end, flat, sizes] = ["start", "end", "flat", "shape"].map((what) => `${name}:${what}`) as [
        string,
        string,
        string,
        string,
      ];
      return [
        take(`${name}:starts`, index, start),
        take(`${name}:ends`, index, end),
        plainNode("Slice", [`${name}:all`, start, end, axis.name], flat),
        take(`${name}:sizes`, index, sizes),
        plainNode("Reshape", [flat, sizes], name),
      ];
    }),
    initializers: [axis],
  };
}

/** The inputs of all iterations, in their order, as `unstacked` takes them. */
export function stacked(iterations: readonly Record<string, Tensor>[]): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(iterations[0]!).flatMap(([name, first]): [string, Tensor][] => {
      const parts = iterations.map((feeds) => feeds[name]!);
      const all: [string, Tensor] = [`${name}:all`, joined(parts)];
      if (first.dims.length === 0) return [all];
      let end = 0;
      const ends = parts.map(({ data }) => (end += data.length));
      const starts = [0, ...ends.slice(0, -1)];
      const sizes = parts.flatMap(({ dims }) => dims);
      return [
        all,
        [`${name}:starts`, integers(starts, 1)],
        [`${name}:ends`, integers(ends, 1)],
        [`${name}:sizes`, integers(sizes, first.dims.length)],
      ];
    }),
  );
}

function places(name: string, columns: number): ValueProto {
  return { name, elementCode: ELEMENT_CODES.int64, dims: [`${name}:iterations`, columns] };
}

function integers(values: readonly number[], columns: number): Tensor {
  return { type: "int64", dims: [values.length / columns, columns], data: BigInt64Array.from(values, BigInt) };
}

function joined(parts: readonly Tensor[]): Tensor {
  const length = parts.reduce((sum, { data }) => sum + data.length, 0);
  const { type, data: first } = parts[0]!;
  const data = new (first.constructor as new (length: number) => Float32Array)(length);
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return { type, dims: [length], data };
}
