import type { Value } from "./graph.ts";
import { first, type Importing, type ImportRule, numberOf, required, second, unsupported } from "./importing.ts";
import { type Known, slicedDim } from "./knownIntegers.ts";
import * as ops from "./ops.ts";
import type { OpType } from "./opset.ts";
import type { NodeProto } from "./schema.ts";
import { broadcast } from "./shapes.ts";

/** Operators that cut and join values, and those of positions and attention masks. */
export const PART_RULES: Record<string, ImportRule | undefined> = {
  And: logical("And"),
  Concat: concat,
  Cos: (at, node) => ops.cos(at.graph, first(at, node)),
  Flatten: flatten,
  GreaterOrEqual: logical("GreaterOrEqual"),
  IsNaN: (at, node) => {
    const x = first(at, node);
    return at.graph.node("IsNaN", [x], {}, "bool", x.dims);
  },
  LessOrEqual: logical("LessOrEqual"),
  Range: range,
  Sin: (at, node) => ops.sin(at.graph, first(at, node)),
  Slice: slice,
  Split: split,
};

function logical(op: OpType): ImportRule {
  return (at, node) => {
    const [a, b] = [first(at, node), second(at, node)];
    return at.graph.node(op, [a, b], {}, "bool", broadcast(a.dims, b.dims));
  };
}

function concat(at: Importing, node: NodeProto): Value {
  const parts = node.inputs.map((name) => at.value(name));
  const dims = [...parts[0]!.dims];
  const axis = (numberOf(node, "axis", 0) + dims.length) % dims.length;
  const sizes = parts.map((part) => part.dims[axis]);
  if (!sizes.every((size) => typeof size === "number")) throw unsupported("a concatenation of axes without a size");
  dims[axis] = (sizes as number[]).reduce((sum, size) => sum + size, 0);
  const contents = parts.map((part) => at.known(part));
  const content = dims.length === 1 && contents.every((part) => part !== null) ? (contents as Known[]).flat() : null;
  return at.know(at.graph.node("Concat", parts, { axis }, parts[0]!.type, dims), content);
}

/** A matrix with the axes before `axis` as its rows. */
function flatten(at: Importing, node: NodeProto): Value {
  const x = first(at, node);
  const axis = numberOf(node, "axis", 1);
  const sizes = x.dims.slice(axis);
  if (!sizes.every((size) => typeof size === "number")) throw unsupported("a flattening of axes without a size");
  const width = (sizes as number[]).reduce((product, size) => product * size, 1);
  return ops.reshape(at.graph, x, [x.dims.slice(0, axis).join("*"), width]);
}

/** Integers from 0 up to the size of an axis. */
function range(at: Importing, node: NodeProto): Value {
  const [start, limit, step] = node.inputs.map((name) => at.value(name)) as [Value, Value, Value];
  const [from, to, by] = [start, limit, step].map((value) => required(at, value, "the range")[0]);
  if (from !== 0 || by !== 1 || to === undefined) throw unsupported("a range that does not count from 0 by 1");
  return at.graph.node("Range", [start, limit, step], {}, start.type, [to]);
}

function slice(at: Importing, node: NodeProto): Value {
  const x = first(at, node);
  const [starts, ends] = [1, 2].map((i) => required(at, at.value(node.inputs[i]!), "the slice's start or end"));
  const axes = node.inputs[3]
    ? required(at, at.value(node.inputs[3]), "the sliced axes")
    : starts!.map((_, axis) => axis);
  const steps = node.inputs[4] ? required(at, at.value(node.inputs[4]), "the slice's steps") : [];
  if (steps.some((step) => step !== 1)) throw unsupported("a slice with a step other than 1");
  const dims = [...x.dims];
  axes.forEach((axis, i) => {
    const place = (Number(axis) + dims.length) % dims.length;
    dims[place] = slicedDim(dims[place]!, starts![i]!, ends![i]!);
  });
  const content = at.known(x);
  const numeric = typeof starts![0] === "number" && typeof ends![0] === "number";
  const cut =
    content && numeric && x.dims.length === 1 ? content.slice(starts![0] as number, ends![0] as number) : null;
  // The gradient needs the starts and the axes as constants.
  const begin = starts!.every((start) => typeof start === "number") ? at.graph.integers(starts as number[]) : null;
  const places = [begin ?? at.value(node.inputs[1]!), at.value(node.inputs[2]!), at.graph.integers(axes.map(Number))];
  return at.know(at.graph.node("Slice", [x, ...places], {}, x.type, dims), cut);
}

function split(at: Importing, node: NodeProto): Value[] {
  const x = first(at, node);
  const axis = numberOf(node, "axis", 0);
  const size = x.dims.at(axis);
  const given = node.inputs[1] ? required(at, second(at, node), "the sizes of a split") : null;
  const sizes = given ?? node.outputs.map(() => Number(size) / node.outputs.length);
  if (!sizes.every((part) => Number.isInteger(part))) throw unsupported("a split into parts of unequal size");
  return ops.split(at.graph, x, sizes as number[], axis);
}
