import { WinnowError } from "../base/errors.ts";
import type { ModelProto, ValueProto } from "./schema.ts";

/**
 * The part of a model that computes `outputs` from the model's own inputs and from `given`, values of the model that
 * become inputs. Nodes, tensors and inputs that this part does not need are left out. Tensors are views, not copies.
 * Throws UnsupportedGraph if an output is no value of the model.
 */
export function cutModel(model: ModelProto, given: readonly ValueProto[], outputs: readonly ValueProto[]): ModelProto {
  const { graph } = model;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = new Map([...graph.inputs, ...given].map((input) => [input.name, input]));
  const needed = new Set<string>();
  const wanted = outputs.map(({ name }) => name);
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (name === "" || needed.has(name)) continue;
    needed.add(name);
    if (stored.has(name) || inputs.has(name)) continue;
    const node = producers.get(name);
    if (!node) throw new WinnowError("UnsupportedGraph", `${graph.name} has no value called ${name}`);
    wanted.push(...node.inputs);
  }
  const isNeeded = ({ name }: { name: string }) => needed.has(name);
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.filter((node) => node.outputs.some((name) => needed.has(name) && !inputs.has(name))),
      initializers: graph.initializers.filter(isNeeded),
      inputs: [...inputs.values()].filter(isNeeded),
      outputs: [...outputs],
    },
  };
}
