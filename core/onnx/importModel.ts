import { WinnowError } from "../base/errors.ts";
import type { ConstantData, Graph, Value, WeightSource } from "./graph.ts";
import type { Importing } from "./importing.ts";
import { IMPORT_RULES } from "./importRules.ts";
import type { Known } from "./knownIntegers.ts";
import {
  ELEMENT_CODES,
  type ElementType,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  typeName,
} from "./schema.ts";

/** Opsets whose operator signatures the import rules cover. */
const OLDEST_OPSET = 11;
const NEWEST_OPSET = 20;
/** Largest number of elements for an integer tensor whose content is tracked, as it may be a shape. */
const SMALL = 64;
/** The lowest finite float32. */
const LOWEST = -3.4028234663852886e38;

export interface Imported {
  /** The model's inputs, each int64 [batch, length]. */
  inputs: Value[];
  /** The model's outputs, by name. */
  outputs: Map<string, Value>;
}

/**
 * Adds an exported model (BERT, DistilBERT, RoBERTa, XLM-R, ModernBERT and similar) to `graph`, operator by operator. Every shape
 * is known, so the graph can be differentiated. Float tensors, except scalars, come from `weights` by name. `source`
 * names the file in errors. Throws UnsupportedGraph naming operator and node for an unknown operator.
 */
export function importModel(graph: Graph, model: ModelProto, weights: WeightSource, source: string): Imported {
  const version = model.opsets.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0;
  if (version < OLDEST_OPSET || version > NEWEST_OPSET) {
    const range = `${OLDEST_OPSET} to ${NEWEST_OPSET}`;
    throw new WinnowError("UnsupportedGraph", `${source}: opset ${version}; export the model with opset ${range}`);
  }
  const importing = new Import(graph, weights, version);
  const inputs = model.graph.inputs
    .filter(({ name }) => !model.graph.initializers.some((tensor) => tensor.name === name))
    .map(({ name, dims, elementCode }) => {
      if (elementCode === ELEMENT_CODES.int64 && dims.length === 2) return importing.input(name);
      throw new WinnowError("UnsupportedGraph", `${source}: input ${name} is not int64 [batch, length]`);
    });
  for (const tensor of model.graph.initializers) importing.store(tensor, true);
  for (const node of model.graph.nodes) importing.take(node, source);
  return { inputs, outputs: new Map(model.graph.outputs.map(({ name }) => [name, importing.value(name)])) };
}

/** The float tensors of a model that can be trained. */
export function trainableTensors(model: ModelProto): TensorProto[] {
  return model.graph.initializers.filter(isTrainable);
}

function isTrainable({ elementCode, dims }: TensorProto): boolean {
  return elementCode === ELEMENT_CODES.float32 && dims.length > 0;
}

class Import implements Importing {
  private readonly values = new Map<string, Value>();
  private readonly contents = new Map<string, Known>();

  constructor(
    readonly graph: Graph,
    private readonly weights: WeightSource,
    readonly opset: number,
  ) {}

  input(name: string): Value {
    const value = this.graph.input(name, "int64", ["batch", "length"]);
    this.values.set(name, value);
    return value;
  }

  store(tensor: TensorProto, named: boolean): Value {
    const value = named && isTrainable(tensor) ? this.weights(tensor.name, tensor.dims) : this.constant(tensor);
    this.values.set(tensor.name, value);
    return value;
  }

  take(node: NodeProto, source: string): void {
    const where = `${source}: node ${node.name || node.outputs[0]} (${node.op})`;
    const rule =
      node.domain === "" || node.domain === "ai.onnx" || node.domain === "com.microsoft"
        ? IMPORT_RULES[node.op]
        : undefined;
    if (!rule) throw new WinnowError("UnsupportedGraph", `${where}: Winnow cannot differentiate this operator`);
    try {
      const made = [rule(this, node)].flat();
      made.forEach((value, i) => {
        this.values.set(node.outputs[i]!, value);
      });
    } catch (cause) {
      if (!(cause instanceof WinnowError)) throw cause;
      throw new WinnowError("UnsupportedGraph", `${where}: ${cause.message}`, { cause });
    }
  }

  value(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw new WinnowError("UnsupportedGraph", `nothing makes ${name}`);
    return value;
  }

  optional(name: string | undefined): Value | null {
    return name ? this.value(name) : null;
  }

  known(value: Value): Known | null {
    return this.contents.get(value.name) ?? null;
  }

  know(value: Value, content: Known | null): Value {
    if (content) this.contents.set(value.name, content);
    return value;
  }

  private constant(tensor: TensorProto): Value {
    const type = typeName(tensor.elementCode);
    if (!type)
      throw new WinnowError("UnsupportedGraph", `tensor ${tensor.name} has element type ${tensor.elementCode}`);
    const data = arrayOf(type, Uint8Array.prototype.slice.call(tensor.raw).buffer);
    // Masks with infinity: the softmax of a row that is masked entirely, and its gradient, would not be numbers.
    if (type === "float32" && data.length === 1 && data[0] === Number.NEGATIVE_INFINITY) data[0] = LOWEST;
    const value = this.graph.initializer(`stored ${tensor.name}`, { type, dims: tensor.dims, data });
    return data.length <= SMALL && type !== "float32"
      ? this.know(value, Array.from<number | bigint>(data as never).map(Number))
      : value;
  }
}

function arrayOf(type: ElementType, buffer: ArrayBuffer): ConstantData["data"] {
  if (type === "float32") return new Float32Array(buffer);
  if (type === "int64") return new BigInt64Array(buffer);
  if (type === "int32") return new Int32Array(buffer);
  return type === "int8" ? new Int8Array(buffer) : new Uint8Array(buffer);
}
