/** The part of onnx.proto that Winnow reads and writes (https://onnx.ai/onnx/api/classes.html). */

/** ONNX element type codes of the tensors Winnow makes. */
export const ELEMENT_CODES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof ELEMENT_CODES;

/** The name of an element type code; undefined for types that Winnow does not compute with, such as float16. */
export function typeName(code: number): ElementType | undefined {
  return (Object.keys(ELEMENT_CODES) as ElementType[]).find((key) => ELEMENT_CODES[key] === code);
}

/** A size, or the name of a size that is known only when the graph runs. */
export type Dim = number | string;

export interface TensorProto {
  name: string;
  elementCode: number;
  dims: number[];
  /** Little-endian, row-major; empty when the tensor stores its values in another file. */
  raw: Uint8Array;
}

export type AttributeProto = { name: string } & (
  | { kind: "float"; value: number }
  | { kind: "int"; value: number }
  | { kind: "string"; value: string }
  | { kind: "ints"; value: number[] }
  | { kind: "floats"; value: number[] }
  | { kind: "tensor"; value: TensorProto }
  | { kind: "graph"; value: GraphProto }
  | { kind: "other"; value: null }
);

export interface NodeProto {
  name: string;
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: AttributeProto[];
}

export interface ValueProto {
  name: string;
  elementCode: number;
  dims: Dim[];
}

export interface GraphProto {
  name: string;
  nodes: NodeProto[];
  initializers: TensorProto[];
  inputs: ValueProto[];
  outputs: ValueProto[];
}

export interface ModelProto {
  irVersion: number;
  producer: string;
  opsets: { domain: string; version: number }[];
  graph: GraphProto;
}

/** `AttributeProto.type` of each kind, as onnx.proto numbers them. */
export const ATTRIBUTE_CODES = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7 } as const;
