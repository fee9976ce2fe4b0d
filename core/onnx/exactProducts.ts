import { integerProductsSaturate } from "./integerProducts.ts";
import { plainNode } from "./protoParts.ts";
import { INTEGER_PRODUCT } from "./quantize.ts";
import { ELEMENT_CODES, type ModelProto, type TensorProto } from "./schema.ts";

/**
 * For tests: a twin with exact integer products on processors where those saturate. It multiplies in float32, which is
 * exact for small sums. Other processors get the twin itself.
 */
export async function withExactProducts(twin: ModelProto): Promise<ModelProto> {
  if (!(await integerProductsSaturate())) return twin;
  const stored = new Map(twin.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const added = new Map<string, TensorProto>();
  const float = (name: string, dims: readonly (number | string)[], data: Float32Array) => {
    added.set(name, { name, elementCode: ELEMENT_CODES.float32, dims: [...dims] as number[], raw: bytesOf(data) });
    return name;
  };
  const nodes = twin.graph.nodes.flatMap((node) => {
    if (node.op !== INTEGER_PRODUCT) return [node];
    const [activation, weight, , scales, zero] = node.inputs as [string, string, string, string, string];
    const { dims, raw } = stored.get(weight)!;
    const columns = new Float32Array(bytesOf(stored.get(scales)!.raw).buffer);
    const integers = new Int8Array(bytesOf(raw).buffer);
    const matrix = Float32Array.from(integers, (value, at) => value * columns[at % columns.length]!);
    const output = node.outputs[0]!;
    const toFloat = { name: "to", kind: "int", value: ELEMENT_CODES.float32 } as const;
    return [
      plainNode("Cast", [activation], `${output}_float`, [toFloat]),
      plainNode(
        "Sub",
        [`${output}_float`, float(`${zero}_float`, [], Float32Array.of(stored.get(zero)!.raw[0]!))],
        `${output}_centred`,
      ),
      plainNode("MatMul", [`${output}_centred`, float(`${weight}_float`, dims, matrix)], output),
    ];
  });
  return { ...twin, graph: { ...twin.graph, nodes, initializers: [...twin.graph.initializers, ...added.values()] } };
}

/** Copies, because the bytes of a file may be unaligned. */
function bytesOf(view: Uint8Array | Float32Array): Uint8Array {
  return Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}
