import { expect, it } from "vitest";
import { cutModel } from "./cut.ts";
import { Graph } from "./graph.ts";
import { add, matmul, mul } from "./ops.ts";
import { createSession, type Tensor } from "./runtime.ts";
import type { ModelProto } from "./schema.ts";
import { writeModel } from "./write.ts";

const numbers = (...data: number[]): Tensor => ({ type: "float32", dims: [1, 2], data: Float32Array.from(data) });

async function run(model: ModelProto, feeds: Record<string, Tensor>): Promise<number[]> {
  const session = await createSession(writeModel(model), { threads: 1 });
  const { [session.outputNames[0]!]: output } = await session.run(feeds);
  await session.close();
  return [...(output!.data as Float32Array)];
}

it("a model cut at a value gives two parts that compute the same, each with what it needs alone", async () => {
  const graph = new Graph("whole");
  const [x, shift] = ["x", "shift"].map((name) => graph.input(name, "float32", [1, 2]));
  const weight = graph.initializer("w", { type: "float32", dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  const middle = matmul(graph, x!, weight);
  graph.output("y", mul(graph, add(graph, middle, shift!), 3));
  const model = graph.toModel();
  const place = { name: middle.name, elementCode: 1, dims: [1, 2] };
  const [lower, upper] = [cutModel(model, [], [place]), cutModel(model, [place], model.graph.outputs)];

  expect(lower.graph.inputs.map(({ name }) => name)).toEqual(["x"]);
  expect(lower.graph.initializers.map(({ name }) => name)).toEqual(["w"]);
  expect(upper.graph.inputs.map(({ name }) => name).sort()).toEqual([middle.name, "shift"].sort());
  expect(upper.graph.initializers.map(({ name }) => name)).not.toContain("w");

  const states = await run(lower, { x: numbers(1, 10) });
  expect(states).toEqual([31, 42]);
  expect(await run(upper, { [middle.name]: numbers(...states), shift: numbers(1, 2) })).toEqual(
    await run(model, { x: numbers(1, 10), shift: numbers(1, 2) }),
  );
  expect(() => cutModel(model, [], [{ ...place, name: "absent" }])).toThrow("whole has no value called absent");
});
