import { WinnowError } from "../base/errors.ts";
import type { Graph, Value } from "./graph.ts";
import type { Known } from "./knownIntegers.ts";
import type { NodeProto, TensorProto } from "./schema.ts";
import type { Dims } from "./shapes.ts";

/** The context of an import rule. */
export interface Importing {
  readonly graph: Graph;
  readonly opset: number;
  value(name: string): Value;
  optional(name: string | undefined): Value | null;
  /** The content of a small integer tensor, as far as it is known. */
  known(value: Value): Known | null;
  /** Records a value's content and returns the value. */
  know(value: Value, content: Known | null): Value;
  store(tensor: TensorProto, named: boolean): Value;
}

/** One value for each output of the node. */
export type ImportRule = (importing: Importing, node: NodeProto) => Value | Value[];

export function first(at: Importing, node: NodeProto): Value {
  return at.value(node.inputs[0]!);
}

export function second(at: Importing, node: NodeProto): Value {
  return at.value(node.inputs[1]!);
}

export function required(at: Importing, value: Value, what: string): Known {
  const content = at.known(value);
  if (!content) throw unsupported(`${what} is not known before the graph runs`);
  return content;
}

export function isLast(axis: number, dims: Dims): boolean {
  return axis === -1 || axis === dims.length - 1;
}

export function numberOf(node: NodeProto, name: string, otherwise: number): number {
  const value = node.attributes.find((attribute) => attribute.name === name)?.value;
  return typeof value === "number" ? value : otherwise;
}

export function listOf(node: NodeProto, name: string): number[] | null {
  const value = node.attributes.find((attribute) => attribute.name === name)?.value;
  return Array.isArray(value) ? value : null;
}

export function unsupported(what: string): WinnowError {
  return new WinnowError("UnsupportedGraph", `Winnow does not support ${what}`);
}
