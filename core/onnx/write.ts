import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  ATTRIBUTE_CODES,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueProto,
} from "./schema.ts";

/** Serialises a model to the bytes of a `.onnx` file (onnx.proto's ModelProto). */
export function writeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const pieces = [
    encoded((writer) => {
      writer.tag(1, WireType.Varint).int64(model.irVersion);
      text(writer, 2, model.producer);
    }),
    ...field(7, graphPieces(model.graph)),
    encoded((writer) => {
      for (const { domain, version } of model.opsets)
        message(writer, 8, () => {
          text(writer, 1, domain);
          writer.tag(2, WireType.Varint).int64(version);
        });
    }),
  ];
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

/** A message in pieces. Weights are pieces as they are: a writer would copy them with each message around them. */
type Pieces = Uint8Array[];

function graphPieces(graph: GraphProto): Pieces {
  return [
    encoded((writer) => {
      for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
      text(writer, 2, graph.name);
    }),
    ...graph.initializers.flatMap((tensor) => field(5, tensorPieces(tensor))),
    encoded((writer) => {
      for (const value of graph.inputs) message(writer, 11, () => writeValue(writer, value));
      for (const value of graph.outputs) message(writer, 12, () => writeValue(writer, value));
    }),
  ];
}

function tensorPieces(tensor: TensorProto): Pieces {
  const head = encoded((writer) => {
    for (const dim of tensor.dims) writer.tag(1, WireType.Varint).int64(dim);
    writer.tag(2, WireType.Varint).int32(tensor.elementCode);
    text(writer, 8, tensor.name);
    writer.tag(9, WireType.LengthDelimited).uint32(tensor.raw.byteLength);
  });
  return [head, tensor.raw];
}

/** A field that holds a message. */
function field(number: number, content: Pieces): Pieces {
  return [encoded((writer) => writer.tag(number, WireType.LengthDelimited).uint32(lengthOf(content))), ...content];
}

function lengthOf(pieces: Pieces): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function encoded(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

function writeNode(writer: BinaryWriter, node: NodeProto): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const attribute of node.attributes) message(writer, 5, () => writeAttribute(writer, attribute));
  if (node.domain) text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, attribute: AttributeProto): void {
  text(writer, 1, attribute.name);
  switch (attribute.kind) {
    case "float":
      writer.tag(2, WireType.Bit32).float(attribute.value);
      break;
    case "int":
      writer.tag(3, WireType.Varint).int64(attribute.value);
      break;
    case "string":
      text(writer, 4, attribute.value);
      break;
    case "tensor":
      for (const piece of field(5, tensorPieces(attribute.value))) writer.raw(piece);
      break;
    case "graph":
      for (const piece of field(6, graphPieces(attribute.value))) writer.raw(piece);
      break;
    case "floats":
      for (const value of attribute.value) writer.tag(7, WireType.Bit32).float(value);
      break;
    case "ints":
      for (const value of attribute.value) writer.tag(8, WireType.Varint).int64(value);
      break;
    case "other":
      throw new Error(`attribute ${attribute.name} has a kind that Winnow does not write`);
  }
  writer.tag(20, WireType.Varint).int32(ATTRIBUTE_CODES[attribute.kind]);
}

function writeValue(writer: BinaryWriter, value: ValueProto): void {
  text(writer, 1, value.name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(value.elementCode);
      message(writer, 2, () => {
        for (const dim of value.dims) {
          message(writer, 1, () => {
            if (typeof dim === "number") writer.tag(1, WireType.Varint).int64(dim);
            else text(writer, 2, dim);
          });
        }
      });
    }),
  );
}

function message(writer: BinaryWriter, field: number, body: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  body();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}
