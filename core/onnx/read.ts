import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { messageOf, WinnowError } from "../base/errors.ts";
import {
  type AttributeProto,
  type Dim,
  ELEMENT_CODES,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueProto,
} from "./schema.ts";

const EXTERNAL = 1;

/**
 * Parses the bytes of a `.onnx` file; tensors are views of `bytes`, not copies. `source` names the file in errors.
 * Throws BadModel when the bytes are not an ONNX model, UnsupportedGraph when a tensor stores its values in another
 * file.
 */
export function readModel(bytes: Uint8Array, source: string): ModelProto {
  try {
    return parseModel(new BinaryReader(bytes), source);
  } catch (cause) {
    if (cause instanceof WinnowError) throw cause;
    throw new WinnowError("BadModel", `${source} is not an ONNX model: ${messageOf(cause)}`, { cause });
  }
}

function parseModel(reader: BinaryReader, source: string): ModelProto {
  const model: ModelProto = { irVersion: 0, producer: "", opsets: [], graph: emptyGraph() };
  let found = false;
  fields(reader, {
    1: () => (model.irVersion = Number(reader.int64())),
    2: () => (model.producer = reader.string()),
    7: () => {
      model.graph = parseGraph(nested(reader), source);
      found = true;
    },
    8: () => {
      const opset = { domain: "", version: 0 };
      const inner = nested(reader);
      fields(inner, { 1: () => (opset.domain = inner.string()), 2: () => (opset.version = Number(inner.int64())) });
      model.opsets.push(opset);
    },
  });
  if (!found) throw new WinnowError("BadModel", `${source} is not an ONNX model: it contains no graph`);
  return model;
}

function emptyGraph(): GraphProto {
  return { name: "", nodes: [], initializers: [], inputs: [], outputs: [] };
}

function parseGraph(reader: BinaryReader, source: string): GraphProto {
  const graph = emptyGraph();
  fields(reader, {
    1: () => graph.nodes.push(parseNode(nested(reader), source)),
    2: () => (graph.name = reader.string()),
    5: () => graph.initializers.push(parseTensor(nested(reader), source)),
    11: () => graph.inputs.push(parseValue(nested(reader))),
    12: () => graph.outputs.push(parseValue(nested(reader))),
  });
  return graph;
}

function parseNode(reader: BinaryReader, source: string): NodeProto {
  const node: NodeProto = { name: "", op: "", domain: "", inputs: [], outputs: [], attributes: [] };
  fields(reader, {
    1: () => node.inputs.push(reader.string()),
    2: () => node.outputs.push(reader.string()),
    3: () => (node.name = reader.string()),
    4: () => (node.op = reader.string()),
    5: () => node.attributes.push(parseAttribute(nested(reader), source)),
    7: () => (node.domain = reader.string()),
  });
  return node;
}

function parseAttribute(reader: BinaryReader, source: string): AttributeProto {
  let name = "";
  const ints: number[] = [];
  const floats: number[] = [];
  let found: AttributeProto | null = null;
  fields(reader, {
    1: () => (name = reader.string()),
    2: () => (found = { name, kind: "float", value: reader.float() }),
    3: () => (found = { name, kind: "int", value: Number(reader.int64()) }),
    4: () => (found = { name, kind: "string", value: reader.string() }),
    5: () => (found = { name, kind: "tensor", value: parseTensor(nested(reader), source) }),
    6: () => (found = { name, kind: "graph", value: parseGraph(nested(reader), source) }),
    7: (wire) => repeated(reader, wire, WireType.Bit32, (r) => floats.push(r.float())),
    8: (wire) => repeated(reader, wire, WireType.Varint, (r) => ints.push(Number(r.int64()))),
  });
  if (ints.length) return { name, kind: "ints", value: ints };
  if (floats.length) return { name, kind: "floats", value: floats };
  return found ? { ...(found as AttributeProto), name } : { name, kind: "other", value: null };
}

function parseTensor(reader: BinaryReader, source: string): TensorProto {
  const tensor: TensorProto = { name: "", elementCode: 0, dims: [], raw: new Uint8Array(0) };
  let location = 0;
  const floats: number[] = [];
  const longs: bigint[] = [];
  const integers: number[] = [];
  fields(reader, {
    1: (wire) => repeated(reader, wire, WireType.Varint, (r) => tensor.dims.push(Number(r.int64()))),
    2: () => (tensor.elementCode = reader.int32()),
    4: (wire) => repeated(reader, wire, WireType.Bit32, (r) => floats.push(r.float())),
    5: (wire) => repeated(reader, wire, WireType.Varint, (r) => integers.push(r.int32())),
    7: (wire) => repeated(reader, wire, WireType.Varint, (r) => longs.push(BigInt(r.int64()))),
    8: () => (tensor.name = reader.string()),
    9: () => (tensor.raw = reader.bytes()),
    14: () => (location = reader.int32()),
  });
  if (location === EXTERNAL) {
    throw new WinnowError(
      "UnsupportedGraph",
      `${source}: tensor ${tensor.name} stores its values in another file; export the model as one file`,
    );
  }
  if (floats.length) tensor.raw = new Uint8Array(Float32Array.from(floats).buffer);
  if (integers.length) tensor.raw = smallIntegers(integers, tensor.elementCode);
  if (longs.length) tensor.raw = new Uint8Array(BigInt64Array.from(longs).buffer);
  return tensor;
}

/**
 * Decodes `int32_data`, which stores all types of up to 32 bits except float32: int32, 8-bit types, and 16-bit types
 * such as float16.
 */
function smallIntegers(values: number[], elementCode: number): Uint8Array {
  if (elementCode === ELEMENT_CODES.int32) return new Uint8Array(Int32Array.from(values).buffer);
  const bytes: number[] = [ELEMENT_CODES.uint8, ELEMENT_CODES.int8, ELEMENT_CODES.bool];
  return bytes.includes(elementCode) ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
}

function parseValue(reader: BinaryReader): ValueProto {
  const value: ValueProto = { name: "", elementCode: 0, dims: [] };
  const parseDim = (dim: BinaryReader): Dim => {
    let size: Dim = "?";
    fields(dim, { 1: () => (size = Number(dim.int64())), 2: () => (size = dim.string()) });
    return size;
  };
  const parseShape = (shape: BinaryReader) => fields(shape, { 1: () => value.dims.push(parseDim(nested(shape))) });
  const parseTensorType = (type: BinaryReader) =>
    fields(type, { 1: () => (value.elementCode = type.int32()), 2: () => parseShape(nested(type)) });
  fields(reader, {
    1: () => (value.name = reader.string()),
    2: () => {
      const type = nested(reader);
      fields(type, { 1: () => parseTensorType(nested(type)) });
    },
  });
  return value;
}

/** Reads the fields of one message and skips those without a handler. */
function fields(reader: BinaryReader, handlers: Record<number, (wire: WireType) => unknown>): void {
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const handler = handlers[field];
    if (handler) handler(wire);
    else reader.skip(wire, field);
  }
}

function nested(reader: BinaryReader): BinaryReader {
  return new BinaryReader(reader.bytes());
}

/** Reads a repeated number, packed or unpacked. */
function repeated(reader: BinaryReader, wire: WireType, single: WireType, read: (reader: BinaryReader) => void): void {
  if (wire === single) {
    read(reader);
    return;
  }
  const packed = nested(reader);
  while (packed.pos < packed.len) read(packed);
}
