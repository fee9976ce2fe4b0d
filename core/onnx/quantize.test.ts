import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { withExactProducts } from "./exactProducts.ts";
import { Graph, type Value } from "./graph.ts";
import { add, gather, gelu, gemm, matmul, reshape } from "./ops.ts";
import { INTEGER_PRODUCT, quantizeModel, TWIN_SCHEME } from "./quantize.ts";
import { createSession, type Tensor } from "./runtime.ts";
import type { ModelProto } from "./schema.ts";
import { writeModel } from "./write.ts";

const random = seededRandom(4);
const uniform = (size: number, spread = 1) => Float32Array.from({ length: size }, () => spread * (2 * random() - 1));
const stored = (graph: Graph, name: string, dims: number[], spread = 1) =>
  graph.initializer(name, { type: "float32", dims, data: uniform(dims[0]! * (dims[1] ?? 1), spread) });

async function run(model: ModelProto, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const session = await createSession(writeModel(await withExactProducts(model)), { threads: 1 });
  const { y } = await session.run(feeds);
  await session.close();
  return y!.data as Float32Array;
}

function worst(a: Float32Array, b: Float32Array): number {
  return a.reduce((highest, x, i) => Math.max(highest, Math.abs(x - b[i]!)), 0);
}

describe("int8 twin of a model", () => {
  const graph = new Graph("two layers");
  let model: ModelProto;
  const ids: Tensor = { type: "int64", dims: [6], data: BigInt64Array.from([0n, 3n, 3n, 9n, 1n, 7n]) };

  beforeAll(() => {
    const rows = gather(graph, stored(graph, "table", [10, 16]), graph.input("ids", "int64", ["tokens"]));
    const bias = stored(graph, "bias", [8]);
    const hidden = gemm(graph, rows, stored(graph, "outputs_first", [8, 16]), bias, { transB: true });
    const other = gemm(graph, rows, stored(graph, "inputs_first", [16, 8], 0.01), null);
    graph.output("y", add(graph, hidden, other));
    model = graph.toModel();
  });

  it("computes nearly the same, from weights in either orientation, with and without bias", async () => {
    const [exact, twin] = [await run(model, { ids }), await run(quantizeModel(model), { ids })];
    expect(Math.max(...exact.map(Math.abs))).toBeGreaterThan(2);
    expect(worst(exact, twin)).toBeGreaterThan(0);
    expect(worst(exact, twin)).toBeLessThan(0.06);
  });

  it("quantises a shared input once and contains no float32 weight", () => {
    const twin = quantizeModel(model);
    expect(twin.graph.nodes.filter(({ op }) => op === "QuantizeLinear")).toHaveLength(1);
    expect(twin.graph.nodes.filter(({ op }) => op === INTEGER_PRODUCT)).toHaveLength(2);
    const names = twin.graph.initializers.map(({ name }) => name);
    expect(names).not.toContain("outputs_first");
    expect(names).not.toContain("table");
    expect(names).toContain("bias");
    const bytes = ({ graph }: ModelProto) => graph.initializers.reduce((sum, { raw }) => sum + raw.length, 0);
    expect(bytes(twin)).toBeLessThan(0.5 * bytes(model));
    expect(model.graph.initializers.map(({ name }) => name)).toContain("table");
  });

  it("scales each output column and each row of a table separately, so that small ones keep their precision", async () => {
    const scaled = new Graph("columns");
    const data = Float32Array.from({ length: 32 }, (_, i) => (i < 16 ? 100 : 0.001) * Math.sin(i + 1));
    const weight = scaled.initializer("w", { type: "float32", dims: [2, 16], data });
    scaled.output("y", gemm(scaled, scaled.input("x", "float32", ["n", 16]), weight, null, { transB: true }));
    const x: Tensor = { type: "float32", dims: [1, 16], data: uniform(16) };
    const [exact, twin] = [await run(scaled.toModel(), { x }), await run(quantizeModel(scaled.toModel()), { x })];
    for (const column of [0, 1]) expect(Math.abs(twin[column]! / exact[column]! - 1)).toBeLessThan(0.05);
  });

  const product = new Graph("product");
  product.output("y", gemm(product, product.input("x", "float32", ["n", 16]), stored(product, "w", [16, 8]), null));
  const rows = (...rows: Float32Array[]): Tensor => ({
    type: "float32",
    dims: [rows.length, 16],
    data: Float32Array.from(rows.flatMap((row) => [...row])),
  });

  it("scales each row of activations separately: results do not depend on the batch, and a row of zeros gives zeros", async () => {
    const twin = quantizeModel(product.toModel());
    const [small, large, none] = [uniform(16, 0.01), uniform(16, 100), new Float32Array(16)];
    const alone = await run(twin, { x: rows(small) });
    const together = await run(twin, { x: rows(large, small, none) });
    expect([...together.subarray(8, 16)]).toEqual([...alone]);
    expect([...together.subarray(16)]).toEqual(Array(8).fill(0));
    expect(worst(alone, await run(product.toModel(), { x: rows(small) }))).toBeLessThan(0.0004);
  });

  const feedForward = (width: number) => {
    const graph = new Graph("feed forward");
    const data = Float32Array.from({ length: width * 8 }, (_, i) => Math.fround(((i * 37) % 101) / 101 - 0.5));
    const weight = graph.initializer("w", { type: "float32", dims: [width, 8], data });
    graph.output("y", gemm(graph, gelu(graph, graph.input("x", "float32", ["n", width])), weight, null));
    return graph.toModel();
  };

  it("keeps a GELU's output within half a step, at its minimum, near 0 and far above", async () => {
    const model = feedForward(16);
    for (const [spread, step] of [
      [0.5, 0.1701 / 24],
      [2, 2 / 231],
      [40, 40 / 231],
    ] as const) {
      const lowest = Float32Array.from({ length: 16 }, (_, i) => (i % 2 ? -0.7518 : spread * Math.abs(Math.sin(i))));
      const x = rows(lowest, uniform(16, spread));
      const error = worst(await run(model, { x }), await run(quantizeModel(model), { x }));
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(16 * 0.5 * (step / 2) + 16 * spread * (0.5 / 254));
    }
  });

  it("changes the scheme's number whenever the twin changes", () => {
    const { nodes, initializers } = quantizeModel(feedForward(4)).graph;
    const written = initializers.map(({ name, raw }) => `${name} ${Buffer.from(raw).toString("hex")}`);
    const digest = createHash("sha256")
      .update(JSON.stringify([nodes, written]))
      .digest("hex")
      .slice(0, 12);
    // If this fails, raise TWIN_SCHEME: vectors of old and new twins must not mix.
    expect({ scheme: TWIN_SCHEME, digest }).toEqual({ scheme: 2, digest: "93397e4f0429" });
  });

  it("writes ReduceMax in the form of the model's opset", async () => {
    const model = product.toModel();
    const older = model.opsets.map(({ domain, version }) => ({ domain, version: domain === "" ? 13 : version }));
    const x = rows(uniform(16));
    expect(await run(quantizeModel({ ...model, opsets: older }), { x })).toEqual(
      await run(quantizeModel(model), { x }),
    );
  });

  it("leaves products without a stored right-hand matrix unchanged", async () => {
    const free = new Graph("free");
    const [a, b] = ["a", "b"].map((name) => free.input(name, "float32", [4, 4])) as [Value, Value];
    free.output("y", matmul(free, a, reshape(free, b, [4, 4])));
    expect(quantizeModel(free.toModel()).graph.nodes).toEqual(free.toModel().graph.nodes);
  });

  it("accepts a weight of zeros", async () => {
    const zeros = new Graph("zeros");
    const weight = zeros.initializer("w", { type: "float32", dims: [4, 2], data: new Float32Array(8) });
    zeros.output("y", gemm(zeros, zeros.input("x", "float32", [1, 4]), weight, null));
    const x: Tensor = { type: "float32", dims: [1, 4], data: uniform(4) };
    expect([...(await run(quantizeModel(zeros.toModel()), { x }))]).toEqual([0, 0]);
  });
});
