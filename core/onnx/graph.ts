import { WinnowError } from "../base/errors.ts";
import type { OpType } from "./opset.ts";
import { isContrib, isFloatAttribute } from "./opset.ts";
import { modelOf, storedTensor } from "./protoParts.ts";
import {
  type AttributeProto,
  type Dim,
  ELEMENT_CODES,
  type ElementType,
  type ModelProto,
  type NodeProto,
} from "./schema.ts";
import type { Dims } from "./shapes.ts";
import { writeModel } from "./write.ts";

/** A tensor in a graph, carried along an edge. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: Dims;
}

/** Returns a weight by its name in the checkpoint, as a graph input or as a constant. */
export type WeightSource = (name: string, dims: Dims) => Value;

export type Attributes = Record<string, number | number[] | string>;

export interface GraphNode {
  readonly op: OpType;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export interface ConstantData {
  type: ElementType;
  dims: readonly number[];
  data: Float32Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;
}

/**
 * An ONNX graph under construction. Nodes stay in insertion order, which is topological. Every value has a shape of
 * sizes and symbols, which lets gradients undo broadcasts.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: { name: string; value: Value }[] = [];
  private readonly initializers = new Map<string, ConstantData>();
  private readonly constants = new Map<string, Value>();
  private readonly dimensions = new Map<string, Value>();
  private readonly inverses = new Map<string, Value>();
  private fresh = 0;

  constructor(readonly name: string) {}

  input(name: string, type: ElementType, dims: Dims): Value {
    const value = { name, type, dims };
    this.inputs.push(value);
    return value;
  }

  /** A tensor stored in the model file; `data` is kept by reference. */
  initializer(name: string, constant: ConstantData): Value {
    if (this.initializers.has(name)) throw new WinnowError("UnsupportedGraph", `two initializers are named ${name}`);
    this.initializers.set(name, constant);
    return { name, type: constant.type, dims: [...constant.dims] };
  }

  scalar(value: number): Value {
    return this.constant(`scalar ${value}`, { type: "float32", dims: [], data: Float32Array.of(value) });
  }

  integers(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant(`integers ${values}`, { type: "int64", dims: [values.length], data });
  }

  /** The numbers of a constant made by `integers`, or null for any other value. */
  integersOf(value: Value): number[] | null {
    const constant = this.initializers.get(value.name);
    return constant?.type === "int64" ? Array.from(constant.data as BigInt64Array, Number) : null;
  }

  /**
   * Declares that gathering by `a` and gathering by `b` are inverse, and that rows omitted by one of them carry no
   * gradient. The gradient of each gather is then a gather by the other.
   */
  declareInverse(a: Value, b: Value): void {
    this.inverses.set(a.name, b).set(b.name, a);
  }

  inverseOf(indices: Value): Value | null {
    return this.inverses.get(indices.name) ?? null;
  }

  node(op: OpType, inputs: readonly Value[], attributes: Attributes, type: ElementType, dims: Dims): Value {
    return this.nodeWithOutputs(op, inputs, attributes, [{ type, dims }])[0] as Value;
  }

  nodeWithOutputs(
    op: OpType,
    inputs: readonly Value[],
    attributes: Attributes,
    shapes: readonly { type: ElementType; dims: Dims }[],
  ): Value[] {
    const outputs = shapes.map(({ type, dims }) => ({ name: `${op}_${this.fresh++}`, type, dims }));
    this.nodes.push({ op, inputs, outputs, attributes });
    return [...outputs];
  }

  /** Names an output of the graph. The value takes that name, through an Identity node if it cannot be renamed. */
  output(name: string, value: Value): void {
    const made = this.nodes.some((node) => node.outputs.includes(value));
    const free = made && !this.outputs.some((output) => output.value === value);
    this.outputs.push({ name, value: free ? value : this.node("Identity", [value], {}, value.type, value.dims) });
  }

  /** The size behind a symbol, as an int64 tensor of one element; null if no graph input has that symbol. */
  dimension(symbol: string): Value | null {
    const known = this.dimensions.get(symbol);
    if (known) return known;
    for (const input of this.inputs) {
      const axis = input.dims.indexOf(symbol);
      if (axis < 0) continue;
      const size = this.node("Shape", [input], { start: axis, end: axis + 1 }, "int64", [1]);
      this.dimensions.set(symbol, size);
      return size;
    }
    return null;
  }

  toModel(): ModelProto {
    const renamed = new Map(this.outputs.map(({ name, value }) => [value.name, name]));
    const nameOf = (value: Value) => renamed.get(value.name) ?? value.name;
    return modelOf({
      name: this.name,
      nodes: this.nodes.map((node) => nodeProto(node, nameOf)),
      initializers: [...this.initializers].map(([name, constant]) => storedTensor(name, constant)),
      inputs: this.inputs.map(valueProto),
      outputs: this.outputs.map(({ name, value }) => valueProto({ ...value, name })),
    });
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return writeModel(this.toModel());
  }

  private constant(key: string, constant: ConstantData): Value {
    const known = this.constants.get(key);
    if (known) return known;
    const value = this.initializer(`constant_${this.constants.size}`, constant);
    this.constants.set(key, value);
    return value;
  }
}

function valueProto(value: Value) {
  return { name: value.name, elementCode: ELEMENT_CODES[value.type], dims: [...value.dims] as Dim[] };
}

function nodeProto(node: GraphNode, nameOf: (value: Value) => string): NodeProto {
  return {
    name: `node_${nameOf(node.outputs[0] as Value)}`,
    op: node.op,
    domain: isContrib(node.op) ? "com.microsoft" : "",
    inputs: node.inputs.map(nameOf),
    outputs: node.outputs.map(nameOf),
    attributes: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

function attributeProto(name: string, value: number | number[] | string): AttributeProto {
  if (typeof value === "string") return { name, kind: "string", value };
  if (Array.isArray(value)) return { name, kind: "ints", value };
  return { name, kind: isFloatAttribute(name) ? "float" : "int", value };
}
