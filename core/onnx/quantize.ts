import { storedTensor } from "./protoParts.ts";
import {
  ELEMENT_CODES,
  type ElementType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "./schema.ts";

const LARGEST = 127;
/** Activations are unsigned, because the integer kernels of x64 multiply unsigned by signed bytes. */
const LARGEST_UNSIGNED = 255;
/** Prevents division by zero for a row of zeros. */
const SMALLEST_SCALE = 1e-12;
/** How values map to integers: the integer for 0, and the smallest scale at which no value falls below the range. */
interface Sharing {
  zeroPoint: number;
  smallestScale: number;
}
const SYMMETRIC: Sharing = { zeroPoint: 128, smallestScale: SMALLEST_SCALE };
/**
 * Operators whose results hardly go below 0. A GELU's minimum is -0.1700: 24 integers cover it, 231 remain for positive
 * values.
 */
const MOSTLY_POSITIVE: Partial<Record<string, Sharing>> = {
  Gelu: { zeroPoint: 24, smallestScale: 0.1701 / 24 },
  Relu: { zeroPoint: 0, smallestScale: SMALLEST_SCALE },
};
/**
 * Multiplies integers and scales the sums in one pass:
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
export const INTEGER_PRODUCT = "MatMulIntegerToFloat";
const CONTRIB = "com.microsoft";
/** First opset in which ReduceMax takes its axes as an input. */
const AXES_ARE_INPUT = 18;

/** Raise it when twins compute different values, so that caches do not mix results of old and new twins. */
export const TWIN_SCHEME = 2;

/**
 * The dynamically quantised twin of a model. Embedding tables become int8 with one scale per row. In matrix products
 * with stored weights, activations become 8-bit integers with one scale per row (a token), and weights int8 with one
 * scale per output column. The rest stays float32.
 *
 * ONNX's DynamicQuantizeLinear uses one scale for the whole tensor. One scale per row confines a token's outliers to
 * that token (a third of the error on all-MiniLM-L6-v2), and makes a row's result independent of its batch. The twin's
 * results differ from the model's: measure before use. `model` is not modified.
 */
export function quantizeModel(model: ModelProto): ModelProto {
  const rewriting = new Rewriting(model);
  for (const node of model.graph.nodes) rewriting.take(node);
  const opsets = model.opsets.some(({ domain }) => domain === CONTRIB)
    ? model.opsets
    : [...model.opsets, { domain: CONTRIB, version: 1 }];
  return { ...model, opsets, graph: rewriting.graph() };
}

type Product = { weight: TensorProto; transposed: boolean; bias: string | null };
/** x is approximately scales * (values - zeroPoint). */
type Activation = { values: string; scales: string; zeroPoint: string };

class Rewriting {
  private readonly nodes: NodeProto[] = [];
  private readonly stored: Map<string, TensorProto>;
  private readonly added: TensorProto[] = [];
  /** Keyed by the name of the float tensor; each is made once for all products that read it. */
  private readonly activations = new Map<string, Activation>();
  private readonly weights = new Map<string, { values: string; scales: string }>();
  private readonly source: GraphProto;
  /** The operator that produces a value. */
  private readonly operators: Map<string, string>;
  private readonly opset: number;

  constructor({ graph, opsets }: ModelProto) {
    this.source = graph;
    this.stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    this.operators = new Map(graph.nodes.flatMap(({ op, outputs }) => outputs.map((name) => [name, op] as const)));
    this.opset = opsets.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0;
  }

  take(node: NodeProto): void {
    const product = this.productOf(node);
    const table = this.tableOf(node);
    if (product) this.product(node, product);
    else if (table) this.lookUp(node, table);
    else this.nodes.push(node);
  }

  graph(): GraphProto {
    const used = new Set(this.nodes.flatMap(({ inputs }) => inputs));
    const initializers = [...this.source.initializers, ...this.added].filter(({ name }) => used.has(name));
    return { ...this.source, nodes: this.nodes, initializers };
  }

  /** x W or x W' with a stored W, if an integer product can express it completely; null for any other node. */
  private productOf(node: NodeProto): Product | null {
    if (node.op !== "MatMul" && node.op !== "Gemm") return null;
    const weight = this.stored.get(node.inputs[1] ?? "");
    if (!isMatrix(weight) || this.stored.has(node.inputs[0]!)) return null;
    const plain = numberOf(node, "alpha", 1) === 1 && numberOf(node, "beta", 1) === 1 && !numberOf(node, "transA", 0);
    return plain ? { weight, transposed: numberOf(node, "transB", 0) === 1, bias: node.inputs[2] || null } : null;
  }

  private tableOf(node: NodeProto): TensorProto | null {
    const table = this.stored.get(node.inputs[0] ?? "");
    const rows = node.op === "Gather" && numberOf(node, "axis", 0) === 0;
    return rows && isMatrix(table) ? table : null;
  }

  private product(node: NodeProto, { weight, transposed, bias }: Product): void {
    const rows = this.activation(node.inputs[0]!);
    const { values, scales } = this.quantized(weight, () => columns(weight, transposed));
    const at = node.outputs[0]!;
    const product = [rows.values, values, this.scalar("one", 1), scales, rows.zeroPoint];
    const sum = this.add(INTEGER_PRODUCT, product, `${at}_sum`, [], CONTRIB);
    const scaled = this.add("Mul", [sum, rows.scales], bias ? `${at}_scaled` : at);
    if (bias) this.add("Add", [scaled, bias], at);
  }

  private lookUp(node: NodeProto, table: TensorProto): void {
    const at = node.outputs[0]!;
    const { values, scales } = this.quantized(table, () => rowsOf(table));
    const row = this.add("Gather", [values, node.inputs[1]!], `${at}_row`);
    const float = this.add("Cast", [row], `${at}_row_float`, [
      { name: "to", kind: "int", value: ELEMENT_CODES.float32 },
    ]);
    this.add("Mul", [float, this.add("Gather", [scales, node.inputs[1]!], `${at}_row_scale`)], at);
  }

  /** The maximum of a row maps to the largest integer. */
  private activation(name: string): Activation {
    const known = this.activations.get(name);
    if (known) return known;
    const positive = MOSTLY_POSITIVE[this.operators.get(name) ?? ""];
    const { zeroPoint, smallestScale } = positive ?? SYMMETRIC;
    const largest = positive ? LARGEST_UNSIGNED - zeroPoint : LARGEST;
    const highest = this.highest(positive ? name : this.add("Abs", [name], `${name}_abs`), `${name}_highest`);
    const step = this.add("Mul", [highest, this.scalar(`step_${largest}`, 1 / largest)], `${name}_step`);
    const scales = this.add("Max", [step, this.scalar(`least_${zeroPoint}`, smallestScale)], `${name}_scales`);
    const zero = this.constant(`zero_${zeroPoint}`, "uint8", new Uint8Array([zeroPoint]));
    // QuantizeLinear with one scale per row would save a pass but is slower: it assigns rows to its threads one by one.
    const scaled = this.add("Mul", [name, this.add("Reciprocal", [scales], `${name}_inverse`)], `${name}_in_steps`);
    const values = this.add("QuantizeLinear", [scaled, this.scalar("one", 1), zero], `${name}_quantized`);
    const activation = { values, scales, zeroPoint: zero };
    this.activations.set(name, activation);
    return activation;
  }

  private highest(x: string, output: string): string {
    if (this.opset < AXES_ARE_INPUT)
      return this.add("ReduceMax", [x], output, [{ name: "axes", kind: "ints", value: [-1] }]);
    return this.add("ReduceMax", [x, this.constant("last_axis", "int64", new BigInt64Array([-1n]), [1])], output);
  }

  private scalar(of: string, value: number): string {
    return this.constant(of, "float32", new Float32Array([value]));
  }

  private constant(
    of: string,
    type: ElementType,
    value: Float32Array | Uint8Array | BigInt64Array,
    dims: number[] = [],
  ): string {
    const name = `quantize_${of}`;
    if (!this.added.some((tensor) => tensor.name === name)) {
      this.added.push(storedTensor(name, { type, dims, data: value }));
    }
    return name;
  }

  private quantized({ name }: TensorProto, quantize: () => { values: TensorProto; scales: TensorProto }) {
    const known = this.weights.get(name);
    if (known) return known;
    const { values, scales } = quantize();
    this.added.push(values, scales);
    this.weights.set(name, { values: values.name, scales: scales.name });
    return { values: values.name, scales: scales.name };
  }

  private add(
    op: string,
    inputs: string[],
    output: string,
    attributes: NodeProto["attributes"] = [],
    domain = "",
  ): string {
    this.nodes.push({ name: `${op}_${output}`, op, domain, inputs, outputs: [output], attributes });
    return output;
  }
}

function isMatrix(tensor: TensorProto | undefined): tensor is TensorProto {
  return tensor?.elementCode === ELEMENT_CODES.float32 && tensor.dims.length === 2;
}

function numberOf(node: NodeProto, name: string, otherwise: number): number {
  const value = node.attributes.find((attribute) => attribute.name === name)?.value;
  return typeof value === "number" ? value : otherwise;
}

/** int8 [inputs, outputs] and one scale per output, from a matrix in either orientation. */
function columns(tensor: TensorProto, transposed: boolean): { values: TensorProto; scales: TensorProto } {
  const [rows, width] = tensor.dims as [number, number];
  const [inputs, outputs] = transposed ? [width, rows] : [rows, width];
  const data = floatsOf(tensor);
  const at = (input: number, output: number) => data[transposed ? output * width + input : input * width + output]!;
  const values = new Int8Array(inputs * outputs);
  const scales = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    let highest = 0;
    for (let input = 0; input < inputs; input++) highest = Math.max(highest, Math.abs(at(input, output)));
    scales[output] = highest / LARGEST || 1;
    for (let input = 0; input < inputs; input++) {
      values[input * outputs + output] = Math.round(at(input, output) / scales[output]!);
    }
  }
  return tensors(tensor.name, values, [inputs, outputs], scales, [outputs]);
}

/** int8 values and one scale per row. */
function rowsOf(tensor: TensorProto): { values: TensorProto; scales: TensorProto } {
  const [rows, width] = tensor.dims as [number, number];
  const data = floatsOf(tensor);
  const values = new Int8Array(rows * width);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const part = data.subarray(row * width, (row + 1) * width);
    scales[row] = part.reduce((highest, x) => Math.max(highest, Math.abs(x)), 0) / LARGEST || 1;
    part.forEach((x, i) => {
      values[row * width + i] = Math.round(x / scales[row]!);
    });
  }
  return tensors(tensor.name, values, [rows, width], scales, [rows, 1]);
}

function tensors(name: string, values: Int8Array, dims: number[], scales: Float32Array, scaleDims: number[]) {
  const raw = (array: Int8Array | Float32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const codes = ELEMENT_CODES;
  return {
    values: { name: `${name}_quantized`, elementCode: codes.int8, dims, raw: raw(values) },
    scales: { name: `${name}_scale`, elementCode: codes.float32, dims: scaleDims, raw: raw(scales) },
  };
}

/** Copies, because the bytes of a file may be unaligned. */
function floatsOf({ raw }: TensorProto): Float32Array {
  return new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
}
