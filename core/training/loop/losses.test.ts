import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Graph } from "../../onnx/graph.ts";
import { createSession } from "../../onnx/runtime.ts";
import { gradients } from "../autodiff/gradients.ts";
import { LOSS_FUNCTIONS, LOSSES, type LossName } from "./losses.ts";

interface Case {
  name: string;
  loss: LossName;
  logits: number[];
  targets: number[];
  value: number;
  gradient: number[];
}

const cases: Case[] = JSON.parse(await readFile(new URL("fixtures/losses.json", import.meta.url), "utf8"));

async function computed({ loss, logits, targets }: Case): Promise<{ value: number; gradient: number[] }> {
  const graph = new Graph("loss");
  const scores = graph.input("logits", "float32", [1, "passages"]);
  const value = LOSS_FUNCTIONS[loss](graph, scores, graph.input("targets", "float32", [1, "passages"]));
  graph.output("value", value);
  graph.output("gradient", gradients(graph, value, [scores])[0]!);
  const session = await createSession(graph.toBytes(), { threads: 1 });
  const row = (data: number[]) => ({ type: "float32", dims: [1, data.length], data: Float32Array.from(data) }) as const;
  const outputs = await session.run({ logits: row(logits), targets: row(targets) });
  await session.close();
  const numbers = (name: string) => [...(outputs[name]!.data as Float32Array)];
  return { value: numbers("value")[0]!, gradient: numbers("gradient") };
}

/** Expects equality within a few roundings of float32. */
function expectNear(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
}

describe("losses compared with sentence-transformers and PyTorch (fixtures/losses_reference.py)", () => {
  it("cover every loss", () => {
    expect(LOSSES.filter((loss) => !cases.some((one) => one.loss === loss))).toEqual([]);
  });

  for (const one of cases) {
    it(`${one.name}: the value`, async () => expectNear((await computed(one)).value, one.value));

    it(`${one.name}: the gradient`, async () => {
      const { gradient } = await computed(one);
      expect(gradient).toHaveLength(one.gradient.length);
      one.gradient.forEach((expected, i) => {
        expectNear(gradient[i]!, expected);
      });
    });
  }
});
