import { expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { matmul } from "./ops.ts";
import { createSession, type Tensor } from "./runtime.ts";

test("an impossible allocation throws a typed error that suggests a smaller batch, and the runtime keeps working", async () => {
  const graph = new Graph("outer product");
  graph.output("product", matmul(graph, graph.input("a", "float32", ["n", 1]), graph.input("b", "float32", [1, "n"])));
  const session = await createSession(graph.toBytes(), { threads: 1 });
  const ones = (n: number): Record<string, Tensor> => ({
    a: { type: "float32", dims: [n, 1], data: new Float32Array(n).fill(1) },
    b: { type: "float32", dims: [1, n], data: new Float32Array(n).fill(1) },
  });
  // 400 TB exceed the address space of a process, so no system grants it.
  await expect(session.run(ones(10_000_000))).rejects.toMatchObject({
    code: "OutOfMemory",
    message: expect.stringMatching(/memory ran out; a smaller batch needs less/),
  });
  expect((await session.run(ones(2))).product!.data).toEqual(Float32Array.of(1, 1, 1, 1));
  await session.close();
});
