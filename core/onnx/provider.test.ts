import { expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { add } from "./ops.ts";
import { createSession } from "./runtime.ts";

test("a session on CUDA computes the same, or its error names the setting to change", async () => {
  const graph = new Graph("plus");
  const x = graph.input("x", "float32", [2]);
  graph.output("y", add(graph, x, 0.5));
  try {
    const session = await createSession(graph.toBytes(), { threads: 1, provider: "cuda" });
    const { y } = await session.run({ x: { type: "float32", dims: [2], data: Float32Array.of(1, 2) } });
    expect([...(y!.data as Float32Array)]).toEqual([1.5, 2.5]);
  } catch (error) {
    expect(error).toMatchObject({ code: "BadModel", message: expect.stringMatching(/Unset WINNOW_PROVIDER/) });
  }
});
