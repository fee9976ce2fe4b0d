import { describe, expect, it } from "vitest";
import { Graph } from "../../onnx/graph.ts";
import * as op from "../../onnx/ops.ts";
import { DIFFERENTIABLE_OPS } from "../../onnx/opset.ts";
import { gradients } from "./gradients.ts";
import { ELEMENTWISE_CASES } from "./testing/elementwiseCases.ts";
import { checkGradients, outputOf } from "./testing/finiteDifferences.ts";
import { TENSOR_CASES } from "./testing/tensorCases.ts";

const CASES = [...ELEMENTWISE_CASES, ...TENSOR_CASES];

describe("gradient rules", () => {
  it("are checked for every differentiable operator, value and gradient", () => {
    expect([...new Set(CASES.map((one) => one.op))].sort()).toEqual([...DIFFERENTIABLE_OPS].sort());
  });

  for (const { op: name, title, inputs, build, values, expected } of CASES) {
    it(`${name}: ${title}`, async () => {
      if (expected) {
        const value = await outputOf(inputs, build, values);
        expect(value).toHaveLength(expected.length);
        value.forEach((x, i) => {
          expect(x).toBeCloseTo(expected[i]!, 4);
        });
      }
      await checkGradients(inputs, build, values);
    });
  }
});

describe("the reverse walk", () => {
  it("sums the gradients of a value used twice", async () => {
    await checkGradients([[3], [3]], (g, x, y) => op.add(g, op.mul(g, x, y), op.tanh(g, x)));
  });

  it("computes a gather's gradient with the declared inverse", async () => {
    await checkGradients(
      [
        [3, 2],
        [3, 2],
      ],
      (g, x, y) => {
        const [there, back] = [g.input("there", "int64", [3]), g.input("back", "int64", [3])];
        g.declareInverse(there, back);
        return op.mul(g, op.gather(g, x, there), y);
      },
      undefined,
      undefined,
      { there: [2, 0, 1], back: [1, 2, 0] },
    );
  });

  it("names the operator that has no rule", () => {
    const graph = new Graph("erf");
    const x = graph.input("x", "float32", [2]);
    const loss = op.reduceSum(graph, op.min(graph, x, 1), [0], false);
    expect(() => gradients(graph, loss, [x])).toThrow(/no gradient rule for Min/);
  });

  it("throws when the loss does not depend on a value", () => {
    const graph = new Graph("apart");
    const [x, y] = [graph.input("x", "float32", [2]), graph.input("y", "float32", [2])];
    expect(() => gradients(graph, op.reduceSum(graph, x, [0], false), [y])).toThrow("does not depend on y");
  });

  it("requires a scalar loss", () => {
    const graph = new Graph("vector");
    const x = graph.input("x", "float32", [2]);
    expect(() => gradients(graph, op.exp(graph, x), [x])).toThrow("must be a scalar, got [2]");
  });
});
