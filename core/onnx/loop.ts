import { plainNode } from "./protoParts.ts";
import { ELEMENT_CODES, type ModelProto, type NodeProto, type TensorProto, type ValueProto } from "./schema.ts";

/** Nodes and tensors of a graph that have become part of another. */
export interface GraphPart {
  nodes: NodeProto[];
  initializers: TensorProto[];
  /** The name that a value of the graph has in the other. */
  nameOf(name: string): string;
}

/**
 * The graph of a model as a part of another graph. Values that it computes or stores get `prefix`, so that no two parts
 * share a name. Its inputs are the other graph's values of the same name, or those named by `bound`.
 */
export function partOf({ graph }: ModelProto, prefix: string, bound: ReadonlyMap<string, string>): GraphPart {
  const own = new Set([
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const nameOf = (name: string) => (own.has(name) && name !== "" ? prefix + name : (bound.get(name) ?? name));
  return {
    nodes: graph.nodes.map((node) => ({
      ...node,
      name: prefix + node.name,
      inputs: node.inputs.map(nameOf),
      outputs: node.outputs.map(nameOf),
    })),
    initializers: graph.initializers.map((tensor) => ({ ...tensor, name: nameOf(tensor.name) })),
    nameOf,
  };
}

/** A value that each iteration takes from the one before. */
export interface Carried {
  /** The value at the start of an iteration. */
  value: ValueProto;
  /** Names of the value before the first iteration, at the end of an iteration, and after the last one. */
  first: string;
  next: string;
  last: string;
}

export interface LoopParts {
  /** Prefix of the loop's own names. Its iteration, counted from 0, is `NAME:iteration`, int64 []. */
  name: string;
  /** Name of the number of iterations, int64 []. */
  trips: string;
  carried: readonly Carried[];
  /** A value of each iteration, and the name of all of them, stacked along a new first axis. */
  collected: readonly { value: ValueProto; all: string }[];
  nodes: readonly NodeProto[];
  initializers: readonly TensorProto[];
}

/** ONNX's Loop with a fixed number of iterations. The body may use values of the graph around it. */
export function loopNode({ name, trips, carried, collected, nodes, initializers }: LoopParts): NodeProto {
  const [iteration, goesOn, stillGoesOn] = ["iteration", "goes_on", "still_goes_on"].map((what) => `${name}:${what}`);
  const body = {
    name,
    nodes: [...nodes, plainNode("Identity", [goesOn!], stillGoesOn!)],
    initializers: [...initializers],
    inputs: [scalar(iteration!, "int64"), scalar(goesOn!, "bool"), ...carried.map(({ value }) => value)],
    outputs: [
      scalar(stillGoesOn!, "bool"),
      ...carried.map(({ value, next }) => ({ ...value, name: next })),
      ...collected.map(({ value }) => value),
    ],
  };
  return {
    name,
    op: "Loop",
    domain: "",
    inputs: [trips, "", ...carried.map(({ first }) => first)],
    outputs: [...carried.map(({ last }) => last), ...collected.map(({ all }) => all)],
    attributes: [{ name: "body", kind: "graph", value: body }],
  };
}

export function scalar(name: string, type: keyof typeof ELEMENT_CODES): ValueProto {
  return { name, elementCode: ELEMENT_CODES[type], dims: [] };
}
