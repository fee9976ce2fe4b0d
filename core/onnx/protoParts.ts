import { IR_VERSION, OPSETS } from "./opset.ts";
import {
  type AttributeProto,
  ELEMENT_CODES,
  type ElementType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "./schema.ts";

/** A graph of Winnow's own as a model. */
export function modelOf(graph: GraphProto): ModelProto {
  return { irVersion: IR_VERSION, producer: "winnow", opsets: OPSETS.map((opset) => ({ ...opset })), graph };
}

/** A node of ONNX's own operator set with one output, named by it. */
export function plainNode(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: AttributeProto[] = [],
): NodeProto {
  return { name: `node_${output}`, op, domain: "", inputs: [...inputs], outputs: [output], attributes };
}

/** A stored tensor, as a view of its data. */
export function storedTensor(
  name: string,
  { type, dims, data }: { type: ElementType; dims: readonly number[]; data: ArrayBufferView },
): TensorProto {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, elementCode: ELEMENT_CODES[type], dims: [...dims], raw };
}

/** A stored int64 tensor. */
export function integerTensor(name: string, values: readonly number[]): TensorProto {
  return storedTensor(name, { type: "int64", dims: [values.length], data: BigInt64Array.from(values, BigInt) });
}
