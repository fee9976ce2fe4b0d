import type { Graph, Value } from "./graph.ts";
import {
  first,
  type Importing,
  type ImportRule,
  isLast,
  listOf,
  numberOf,
  required,
  second,
  unsupported,
} from "./importing.ts";
import { PART_RULES } from "./importParts.ts";
import { combine, reshapedDims } from "./knownIntegers.ts";
import * as ops from "./ops.ts";
import type { OpType } from "./opset.ts";
import { ELEMENT_CODES, type NodeProto, typeName } from "./schema.ts";
import { broadcast } from "./shapes.ts";

/** Maps the operators of exported encoders (opsets 11 to 20) to operators of Winnow's graphs. */
export const IMPORT_RULES: Record<string, ImportRule | undefined> = {
  ...PART_RULES,
  Abs: unary(ops.abs),
  Add: binary("Add", ops.add),
  Cast: (at, node) => {
    const x = first(at, node);
    const code = numberOf(node, "to", 0);
    const type = typeName(code);
    if (!type) throw unsupported(`a cast to element type ${code}`);
    return type === x.type ? x : at.know(ops.cast(at.graph, x, type), at.known(x));
  },
  Constant: constant,
  ConstantOfShape: constantOfShape,
  CumSum: (at, node) => {
    const x = first(at, node);
    return at.graph.node("CumSum", [x, second(at, node)], {}, x.type, x.dims);
  },
  Div: binary("Div", ops.div),
  Dropout: first,
  Equal: (at, node) => {
    const [a, b] = [first(at, node), second(at, node)];
    const value = at.graph.node("Equal", [a, b], {}, "bool", broadcast(a.dims, b.dims));
    const [x, y] = [at.known(a), at.known(b)];
    return at.know(value, x && y && combine("Equal", x, y));
  },
  Erf: unary(ops.erf),
  Exp: unary(ops.exp),
  Expand: (at, node) => {
    const [x, shape] = [first(at, node), second(at, node)];
    const dims = broadcast(x.dims, required(at, shape, "the shape to expand to"));
    return at.graph.node("Expand", [x, shape], {}, x.type, dims);
  },
  Gather: gather,
  Gelu: (at, node) => {
    if (node.attributes.some(({ name, value }) => name === "approximate" && value !== "none"))
      throw unsupported("an approximate GELU");
    return ops.gelu(at.graph, first(at, node));
  },
  Gemm: (at, node) => {
    if (numberOf(node, "beta", 1) !== 1) throw unsupported("a beta other than 1");
    const [transA, transB] = [numberOf(node, "transA", 0) === 1, numberOf(node, "transB", 0) === 1];
    const options = { alpha: numberOf(node, "alpha", 1), transA, transB };
    return ops.gemm(at.graph, first(at, node), second(at, node), at.optional(node.inputs[2]), options);
  },
  Identity: first,
  LayerNormalization: (at, node) => {
    const x = first(at, node);
    if (!isLast(numberOf(node, "axis", -1), x.dims)) throw unsupported("normalising an axis other than the last");
    const scale = second(at, node);
    const bias = at.optional(node.inputs[2]) ?? ops.mul(at.graph, scale, 0);
    return ops.layerNorm(at.graph, x, scale, bias, numberOf(node, "epsilon", 1e-5));
  },
  Log: unary(ops.log),
  MatMul: (at, node) => ops.matmul(at.graph, first(at, node), second(at, node)),
  Mul: binary("Mul", ops.mul),
  Neg: unary(ops.neg),
  Not: (at, node) => {
    const x = first(at, node);
    return at.graph.node("Not", [x], {}, "bool", x.dims);
  },
  Pow: (at, node) => ops.pow(at.graph, first(at, node), second(at, node)),
  ReduceMean: reduction(ops.reduceMean),
  ReduceSum: reduction(ops.reduceSum),
  Relu: unary(ops.relu),
  Reshape: (at, node) => {
    const [x, shape] = [first(at, node), second(at, node)];
    const dims = reshapedDims(x.dims, required(at, shape, "the shape"));
    return at.know(ops.reshape(at.graph, x, dims), at.known(x));
  },
  Shape: (at, node) => {
    const x = first(at, node);
    const dims = x.dims.slice(numberOf(node, "start", 0), numberOf(node, "end", x.dims.length));
    const attributes = { start: numberOf(node, "start", 0), end: numberOf(node, "end", x.dims.length) };
    return at.know(at.graph.node("Shape", [x], attributes, "int64", [dims.length]), dims);
  },
  Softmax: (at, node) => {
    const x = first(at, node);
    if (!isLast(numberOf(node, "axis", at.opset < 13 ? 1 : -1), x.dims))
      throw unsupported("a softmax over an axis other than the last");
    return ops.softmax(at.graph, x);
  },
  Sqrt: unary(ops.sqrt),
  Squeeze: (at, node) => {
    const x = first(at, node);
    const axes = axesOf(at, node)?.map((axis) => (axis < 0 ? axis + x.dims.length : axis));
    const dims = x.dims.filter((dim, axis) => !(axes ? axes.includes(axis) : dim === 1));
    return at.know(ops.reshape(at.graph, x, dims), at.known(x));
  },
  Sub: binary("Sub", ops.sub),
  Tanh: unary(ops.tanh),
  Transpose: (at, node) => {
    const x = first(at, node);
    return ops.transpose(at.graph, x, listOf(node, "perm") ?? [...x.dims.keys()].reverse());
  },
  Unsqueeze: (at, node) => {
    const x = first(at, node);
    const axes = axesOf(at, node) ?? [];
    const rank = x.dims.length + axes.length;
    const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
    const rest = [...x.dims];
    const dims = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!));
    return at.know(ops.reshape(at.graph, x, dims), at.known(x));
  },
  Where: where,
};

/** A tensor; since opset 12 also a number or a list of numbers. */
function constant(at: Importing, node: NodeProto): Value {
  const [attribute] = node.attributes;
  const name = node.outputs[0]!;
  if (attribute?.name === "value" && attribute.kind === "tensor") return at.store({ ...attribute.value, name }, false);
  const [, type, list] = /^value_(int|float)(s?)$/.exec(attribute?.name ?? "") ?? [];
  if (!attribute || !type) throw unsupported("a constant that is neither a tensor nor numbers");
  // A list without numbers has no content in the file.
  const numbers = [attribute.value ?? []].flat() as number[];
  const data = type === "int" ? BigInt64Array.from(numbers, BigInt) : Float32Array.from(numbers);
  const elementCode = type === "int" ? ELEMENT_CODES.int64 : ELEMENT_CODES.float32;
  return at.store({ name, elementCode, dims: list ? [numbers.length] : [], raw: new Uint8Array(data.buffer) }, false);
}

function constantOfShape(at: Importing, node: NodeProto): Value {
  const shape = first(at, node);
  const dims = required(at, shape, "the shape");
  const attribute = node.attributes.find(({ name }) => name === "value");
  if (attribute?.kind !== "tensor") throw unsupported("a constant of shape without a value");
  const filler = at.store({ ...attribute.value, name: `${node.outputs[0]} filler` }, false);
  const scalar = ops.reshape(at.graph, filler, []);
  const content = at.known(filler);
  const value = at.graph.node("Expand", [scalar, shape], {}, filler.type, dims);
  const size = dims.length === 1 ? dims[0] : null;
  return at.know(value, content && typeof size === "number" ? Array(size).fill(content[0]) : null);
}

/**
 * Gathers rows of a table. For one index of the second axis it multiplies by an indicator, which makes the gradient a
 * product too.
 */
function gather(at: Importing, node: NodeProto): Value {
  const [x, indices] = [first(at, node), second(at, node)];
  const axis = (numberOf(node, "axis", 0) + x.dims.length) % x.dims.length;
  const places = at.known(indices);
  if (axis === 0) {
    const content = at.known(x);
    const picked =
      content && places?.every((place) => typeof place === "number")
        ? places.map((place) => content.at(place as number)!)
        : null;
    return at.know(ops.gather(at.graph, x, indices), picked);
  }
  if (axis !== 1 || x.dims.length !== 3 || places?.length !== 1 || indices.dims.length > 0 || Number(places[0]) < 0) {
    throw unsupported("a gather from an axis other than the first, except one index of the second of three");
  }
  const length = x.dims[1]!;
  const depth = typeof length === "number" ? length : at.graph.dimension(length)!;
  const indicator = ops.oneHot(at.graph, ops.reshape(at.graph, indices, [1]), depth, length);
  return ops.reshape(at.graph, ops.matmul(at.graph, ops.reshape(at.graph, indicator, [1, 1, length]), x), [
    x.dims[0]!,
    x.dims[2]!,
  ]);
}

function where(at: Importing, node: NodeProto): Value {
  const [condition, a, b] = node.inputs.map((name) => at.value(name)) as [Value, Value, Value];
  const dims = broadcast(condition.dims, broadcast(a.dims, b.dims));
  const value = at.graph.node("Where", [condition, a, b], {}, a.type, dims);
  const [chosen, x, y] = [condition, a, b].map((part) => at.known(part));
  const whole = chosen && x && y && x.length === chosen.length && y.length === chosen.length;
  return at.know(value, whole ? chosen.map((pick, i) => (pick ? x[i]! : y[i]!)) : null);
}

function unary(op: (graph: Graph, x: Value) => Value): ImportRule {
  return (at, node) => op(at.graph, first(at, node));
}

function binary(name: OpType, op: (graph: Graph, a: Value, b: Value) => Value): ImportRule {
  return (at, node) => {
    const [a, b] = [first(at, node), second(at, node)];
    const [x, y] = [at.known(a), at.known(b)];
    return at.know(op(at.graph, a, b), x && y && combine(name, x, y));
  };
}

function reduction(op: typeof ops.reduceMean): ImportRule {
  return (at, node) => {
    const x = first(at, node);
    return op(at.graph, x, axesOf(at, node) ?? [...x.dims.keys()], numberOf(node, "keepdims", 1) === 1);
  };
}

/** Axes were an attribute in older opsets and are an input now. */
function axesOf(at: Importing, node: NodeProto): number[] | null {
  const input = at.optional(node.inputs[1]);
  return input ? required(at, input, "the axes").map(Number) : listOf(node, "axes");
}
