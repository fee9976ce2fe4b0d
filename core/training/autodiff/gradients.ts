import { WinnowError } from "../../base/errors.ts";
import type { Graph, GraphNode, Value } from "../../onnx/graph.ts";
import { add, expandLike, reduceSum, reshape } from "../../onnx/ops.ts";
import { isDifferentiable } from "../../onnx/opset.ts";
import { type Dims, sameDims, show } from "../../onnx/shapes.ts";
import { GRADIENT_RULES } from "./rules.ts";

/**
 * Adds the gradients of `loss` (a scalar) with respect to each of `wrt` to `graph`, in their order and shapes. One
 * reverse walk over the nodes builds them (reverse-mode differentiation). Throws UnsupportedGraph when an operator on
 * the way has no rule, or when the loss does not depend on one of `wrt`.
 */
export function gradients(graph: Graph, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.dims.length !== 0) throw unsupported(`a loss must be a scalar, got ${show(loss.dims)}`);
  const dependent = dependentOn(graph.nodes, wrt);
  const found = new Map<string, Value>([[loss.name, graph.scalar(1)]]);
  for (const node of [...graph.nodes].reverse()) {
    const dYs = node.outputs.map(({ name }) => (dependent.has(name) ? (found.get(name) ?? null) : null));
    if (dYs.every((dY) => dY === null)) continue;
    if (!isDifferentiable(node.op)) {
      throw unsupported(`no gradient rule for ${node.op}, which makes ${node.outputs[0]!.name}`);
    }
    const dY = dYs[0] ?? expandLike(graph, graph.scalar(0), node.outputs[0]!);
    GRADIENT_RULES[node.op](graph, node, dY, dYs).forEach((build, i) => {
      const input = node.inputs[i];
      if (!build || !input || !dependent.has(input.name)) return;
      const gradient = summedTo(graph, build(), input.dims);
      const sofar = found.get(input.name);
      found.set(input.name, sofar ? add(graph, sofar, gradient) : gradient);
    });
  }
  return wrt.map((value) => {
    const gradient = found.get(value.name);
    if (!gradient) throw unsupported(`the loss does not depend on ${value.name}`);
    return gradient;
  });
}

/** Names of all values that `value` is computed from, including its own. */
export function dependencies(graph: Graph, value: Value): Set<string> {
  const names = new Set([value.name]);
  for (const node of [...graph.nodes].reverse()) {
    if (node.outputs.some(({ name }) => names.has(name))) for (const { name } of node.inputs) names.add(name);
  }
  return names;
}

/** Names of the float values that change when one of `roots` does; sizes and indices do not. */
function dependentOn(nodes: readonly GraphNode[], roots: readonly Value[]): Set<string> {
  const names = new Set(roots.map(({ name }) => name));
  for (const node of nodes) {
    if (!node.inputs.some(({ name }) => names.has(name))) continue;
    for (const { name, type } of node.outputs) if (type === "float32") names.add(name);
  }
  return names;
}

/** Undoes broadcasting: gradients of an element that the forward pass repeated are summed. */
function summedTo(graph: Graph, gradient: Value, dims: Dims): Value {
  if (sameDims(gradient.dims, dims)) return gradient;
  const added = gradient.dims.length - dims.length;
  const axes = gradient.dims.flatMap((dim, axis) => (axis < added || dims[axis - added] !== dim ? [axis] : []));
  const sum = axes.length ? reduceSum(graph, gradient, axes) : gradient;
  return added > 0 ? reshape(graph, sum, dims) : sum;
}

function unsupported(message: string): WinnowError {
  return new WinnowError("UnsupportedGraph", message);
}
