import type { HostTensor } from "../../models/safetensors.ts";
import type { Tensor } from "../../onnx/runtime.ts";
import type { Dim } from "../../onnx/schema.ts";

/** A trained tensor: its position in the flat arrays, and its treatment by the optimizer. */
export interface Parameter {
  name: string;
  dims: number[];
  offset: number;
  size: number;
  /** The head starts untrained and learns faster than the pre-trained body. */
  part: "body" | "head";
  /** Biases and LayerNorm weights are not decayed. */
  decays: boolean;
}

/** Elements between tensors: 64 bytes, a cache line. */
const ALIGNMENT = 16;

/** The position of each trained tensor in one flat float32 array. Moments and gradients share this layout. */
export class ParameterLayout {
  readonly parameters: Parameter[] = [];
  /** Elements of a flat array. */
  size = 0;

  constructor(tensors: readonly { name: string; dims: readonly Dim[] }[], isHead: (name: string) => boolean) {
    for (const { name, dims } of tensors) {
      const sizes = dims as readonly number[];
      const size = sizes.reduce((product, dim) => product * dim, 1);
      const part = isHead(name) ? "head" : "body";
      this.parameters.push({ name, dims: [...sizes], offset: this.size, size, part, decays: sizes.length > 1 });
      this.size += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    }
  }

  flat(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.size);
  }

  /** Views of `flat` as named tensors: `prefix` + parameter name. */
  tensors(flat: Float32Array, prefix: string): Record<string, Tensor> {
    return Object.fromEntries(
      this.parameters.map(({ name, dims, offset, size }) => [
        prefix + name,
        { type: "float32" as const, dims, data: flat.subarray(offset, offset + size) },
      ]),
    );
  }

  /** A flat array with the values of `source`, which must hold every parameter. */
  gather(source: ReadonlyMap<string, HostTensor>): Float32Array<ArrayBuffer> {
    const flat = this.flat();
    for (const { name, offset } of this.parameters) flat.set(source.get(name)!.data, offset);
    return flat;
  }

  /** The named tensors of `flat`, as views of it. */
  scatter(flat: Float32Array): Map<string, HostTensor> {
    return new Map(
      this.parameters.map(({ name, dims, offset, size }) => [
        name,
        { dims, data: flat.subarray(offset, offset + size) },
      ]),
    );
  }
}
