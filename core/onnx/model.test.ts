import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { Graph } from "./graph.ts";
import { importModel } from "./importModel.ts";
import { add, gather, gemm, mul, reshape } from "./ops.ts";
import { readModel } from "./read.ts";
import { createSession } from "./runtime.ts";
import { type AttributeProto, ELEMENT_CODES, type ModelProto } from "./schema.ts";
import { writeModel } from "./write.ts";

function smallGraph(): Graph {
  const graph = new Graph("small");
  const x = graph.input("x", "float32", ["rows", 2]);
  const weight = graph.initializer("w", { type: "float32", dims: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  graph.output("y", add(graph, gemm(graph, x, weight, null, { transB: true }), 0.5));
  return graph;
}

describe("an ONNX model", () => {
  it("is read back from its bytes as it was written", () => {
    const model = smallGraph().toModel();
    expect(readModel(writeModel(model), "small")).toEqual(model);
  });

  it("is what ONNX Runtime computes", async () => {
    const session = await createSession(smallGraph().toBytes(), { threads: 1 });
    const { y } = await session.run({ x: { type: "float32", dims: [1, 2], data: Float32Array.of(10, 1) } });
    expect(y?.dims).toEqual([1, 3]);
    expect([...(y!.data as Float32Array)]).toEqual([12.5, 34.5, 56.5]);
    await session.close();
  });

  it("writes an output into preallocated memory", async () => {
    const session = await createSession(smallGraph().toBytes(), { threads: 1 });
    const data = new Float32Array(3);
    const feeds = { x: { type: "float32", dims: [1, 2], data: Float32Array.of(10, 1) } } as const;
    await session.run(feeds, { y: { type: "float32", dims: [1, 3], data } });
    expect([...data]).toEqual([12.5, 34.5, 56.5]);
    await session.close();
  });

  it("is rejected when a tensor stores its values in another file", () => {
    const tensor = new BinaryWriter().tag(8, WireType.LengthDelimited).string("big").tag(14, WireType.Varint).int32(1);
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor.finish());
    const bytes = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph.finish()).finish();
    expect(() => readModel(bytes, "m.onnx")).toThrow(/m\.onnx: tensor big stores its values in another file/);
  });

  it("is rejected when it is not a model", () => {
    expect(() => readModel(Buffer.from("version https://git-lfs"), "m.onnx")).toThrow(/m\.onnx is not an ONNX model/);
    expect(() => readModel(new Uint8Array(0), "m.onnx")).toThrow(/contains no graph/);
  });

  it("reads integers of up to 32 bits stored as one varint each", () => {
    const read = (code: number, values: number[]) => {
      const packed = new BinaryWriter();
      for (const value of values) packed.int32(value);
      const tensor = new BinaryWriter().tag(2, WireType.Varint).int32(code).tag(5, WireType.LengthDelimited);
      const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor.bytes(packed.finish()).finish());
      const bytes = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph.finish()).finish();
      return [...readModel(bytes, "m.onnx").graph.initializers[0]!.raw];
    };
    expect(read(ELEMENT_CODES.int32, [1, -2])).toEqual([1, 0, 0, 0, 254, 255, 255, 255]);
    expect(read(ELEMENT_CODES.int8, [1, -2])).toEqual([1, 254]);
    expect(read(ELEMENT_CODES.bool, [1, 0])).toEqual([1, 0]);
    const float16 = 10;
    expect(read(float16, [0x3c00])).toEqual([0x00, 0x3c]);
  });

  it("supports constants written as numbers, and computes with them", async () => {
    const attributes: AttributeProto[] = [
      { name: "value_float", kind: "float", value: 0.5 },
      { name: "value_floats", kind: "floats", value: [10, 20] },
      { name: "value_int", kind: "int", value: 1 },
      { name: "value_ints", kind: "ints", value: [2] },
    ];
    const node = (op: string, inputs: string[], output: string, own: AttributeProto[] = []) =>
      ({ name: output, op, domain: "", inputs, outputs: [output], attributes: own }) as const;
    const nodes = [
      ...attributes.map((attribute) => node("Constant", [], attribute.name, [attribute])),
      node("Cast", ["ids"], "x", [{ name: "to", kind: "int", value: ELEMENT_CODES.float32 }]),
      node("Unsqueeze", ["x", "value_ints"], "column"),
      node("Mul", ["column", "value_floats"], "tens"),
      node("Add", ["tens", "value_float"], "y"),
      node("Gather", ["value_floats", "value_int"], "second"),
    ].map((made) => ({ ...made, inputs: [...made.inputs], outputs: [...made.outputs] }));
    const ids = { name: "ids", elementCode: ELEMENT_CODES.int64, dims: ["batch", "length"] };
    const outputs = ["y", "second"].map((name) => ({ name, elementCode: ELEMENT_CODES.float32, dims: [] }));
    const model: ModelProto = {
      ...{ irVersion: 8, producer: "hand", opsets: [{ domain: "", version: 13 }] },
      graph: { name: "g", nodes, initializers: [], inputs: [ids], outputs },
    };
    const graph = new Graph("imported");
    const noWeights = () => expect.fail("this model has no weights");
    for (const [name, value] of importModel(graph, readModel(writeModel(model), "m"), noWeights, "m").outputs)
      graph.output(name, value);
    const session = await createSession(graph.toBytes(), { threads: 1 });
    const found = await session.run({ ids: { type: "int64", dims: [1, 2], data: BigInt64Array.of(1n, 2n) } });
    expect([...(found.y!.data as Float32Array)]).toEqual([10.5, 20.5, 20.5, 40.5]);
    expect([...(found.second!.data as Float32Array)]).toEqual([20]);
    await session.close();
  });

  it("reads packed and unpacked numbers", () => {
    const model: ModelProto = smallGraph().toModel();
    const packed = new BinaryWriter().int64(3).int64(2).finish();
    const raw = new Uint8Array(24);
    const tensor = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(packed).tag(2, WireType.Varint).int32(1);
    tensor.tag(8, WireType.LengthDelimited).string("w").tag(9, WireType.LengthDelimited).bytes(raw);
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor.finish());
    const bytes = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph.finish()).finish();
    expect(readModel(bytes, "packed").graph.initializers[0]?.dims).toEqual([3, 2]);
    expect(model.graph.initializers[0]?.dims).toEqual([3, 2]);
  });
});

describe("a graph", () => {
  it("rejects shapes that do not fit, naming them", () => {
    const graph = new Graph("bad");
    const a = graph.input("a", "float32", ["rows", 2]);
    const b = graph.input("b", "float32", ["rows", 3]);
    expect(() => mul(graph, a, b)).toThrow("[rows, 2] and [rows, 3]");
    expect(() => gemm(graph, a, b, null)).toThrow("do not multiply");
  });

  it("infers the sizes of a reshape when it runs", async () => {
    const graph = new Graph("reshape");
    const table = graph.input("table", "float32", [4, 2]);
    const rows = gather(graph, table, graph.input("ids", "int64", ["batch", "length"]));
    const flat = reshape(graph, rows, ["tokens", 2]);
    graph.output("y", reshape(graph, flat, ["batch", "length", 2, 1]));
    const session = await createSession(graph.toBytes(), { threads: 1 });
    const { y } = await session.run({
      table: { type: "float32", dims: [4, 2], data: Float32Array.from({ length: 8 }, (_, i) => i) },
      ids: { type: "int64", dims: [2, 3], data: BigInt64Array.from([0n, 1n, 2n, 3n, 3n, 3n]) },
    });
    expect(y?.dims).toEqual([2, 3, 2, 1]);
    expect([...(y!.data as Float32Array).slice(0, 4)]).toEqual([0, 1, 2, 3]);
    await session.close();
  });
});
