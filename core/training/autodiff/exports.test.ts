import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Graph, type Value } from "../../onnx/graph.ts";
import { importModel, trainableTensors } from "../../onnx/importModel.ts";
import { logSoftmax, mul, neg, reduceSum, reshape } from "../../onnx/ops.ts";
import { readModel } from "../../onnx/read.ts";
import { createSession, type Tensor } from "../../onnx/runtime.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import { dependencies, gradients } from "./gradients.ts";

/** Norm of a tensor, then four values spread over it. */
type Summary = number[];

interface Reference {
  inputs: Record<string, number[][]>;
  targets: number[];
  logits: number[];
  loss: number;
  gradients: Record<string, Summary>;
}

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const references: Record<string, Reference> = JSON.parse(await readFile(fixture("exports.json"), "utf8"));
const modelOf = async (name: string) => readModel(await readFile(fixture(`exports/${name}.onnx`)), `${name}.onnx`);

function summary(values: Float32Array): Summary {
  const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  return [norm, ...[0, 1, 2, 3].map((i) => values[Math.floor((i * (values.length - 1)) / 3)]!)];
}

/** Loss, logits and the gradient of each tensor, for weights that are graph inputs. */
async function differentiate(model: ModelProto, { inputs, targets }: Reference): Promise<Record<string, Tensor>> {
  const graph = new Graph("differentiated export");
  const weights: Value[] = [];
  const source = (name: string, dims: readonly (number | string)[]) => {
    weights.push(graph.input(name, "float32", dims));
    return weights.at(-1)!;
  };
  const { outputs } = importModel(graph, model, source, "export.onnx");
  const logits = reshape(graph, outputs.get("logits")!, [1, "batch"]);
  const wanted = graph.input("targets", "float32", [1, "batch"]);
  const loss = neg(graph, reduceSum(graph, mul(graph, wanted, logSoftmax(graph, logits)), [0, 1], false));
  graph.output("loss", loss);
  graph.output("logits", logits);
  const needed = dependencies(graph, loss);
  const used = weights.filter(({ name }) => needed.has(name));
  gradients(graph, loss, used).forEach((gradient, i) => {
    graph.output(`gradient:${used[i]!.name}`, gradient);
  });
  const feeds: Record<string, Tensor> = {
    targets: { type: "float32", dims: [1, targets.length], data: Float32Array.from(targets) },
  };
  for (const [name, rows] of Object.entries(inputs)) {
    feeds[name] = {
      type: "int64",
      dims: [rows.length, rows[0]!.length],
      data: BigInt64Array.from(rows.flat(), BigInt),
    };
  }
  for (const { name, dims, raw } of trainableTensors(model)) {
    feeds[name] = { type: "float32", dims, data: new Float32Array(Uint8Array.prototype.slice.call(raw).buffer) };
  }
  const session = await createSession(graph.toBytes(), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

describe("exported models compared with PyTorch (fixtures/exports_reference.py)", () => {
  it.each(Object.keys(references))("%s: the same logits, loss, and gradient of every tensor", async (name) => {
    const reference = references[name]!;
    const found = await differentiate(await modelOf(name), reference);
    (found.logits!.data as Float32Array).forEach((logit, i) => {
      expect(logit).toBeCloseTo(reference.logits[i]!, 5);
    });
    expect(Math.abs((found.loss!.data as Float32Array)[0]! - reference.loss)).toBeLessThan(1e-5);
    const largest = Math.max(...Object.values(reference.gradients).map(([norm]) => norm!));
    for (const [tensor, expected] of Object.entries(reference.gradients)) {
      const scale = Math.max(expected[0]!, 1e-3 * largest);
      summary(found[`gradient:${tensor}`]!.data as Float32Array).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!) / scale, `${tensor}, number ${i}`).toBeLessThan(1e-4);
      });
    }
  });

  it("covers every weight of the models", async () => {
    for (const [name, { gradients: expected }] of Object.entries(references)) {
      const trained = trainableTensors(await modelOf(name)).map((tensor) => tensor.name);
      expect(trained.sort()).toEqual(Object.keys(expected).sort());
    }
  });
});

describe("models that cannot be imported", () => {
  const importing = (model: ModelProto) => () =>
    importModel(new Graph("refused"), model, (name, dims) => ({ name, type: "float32", dims }), "hub/model.onnx");

  it("names an unknown operator and its node", async () => {
    const model = await modelOf("bert-17-sdpa");
    const nodes = model.graph.nodes.map((node) =>
      node.op === "Tanh" ? { ...node, op: "Mish", name: "/pooler/act" } : node,
    );
    expect(importing({ ...model, graph: { ...model.graph, nodes } })).toThrow(
      "hub/model.onnx: node /pooler/act (Mish): Winnow cannot differentiate this operator",
    );
  });

  it("names the node of a known operator in an unsupported use", async () => {
    const model = await modelOf("bert-17-sdpa");
    const nodes = model.graph.nodes.map((node) =>
      node.op === "Softmax" ? { ...node, attributes: [{ name: "axis", kind: "int" as const, value: 1 }] } : node,
    );
    expect(importing({ ...model, graph: { ...model.graph, nodes } })).toThrow(
      /node \/bert\/.*Softmax.* \(Softmax\): Winnow does not support a softmax over an axis other than the last/,
    );
  });

  it("names an unsupported opset", async () => {
    const model = await modelOf("bert-17-sdpa");
    expect(importing({ ...model, opsets: [{ domain: "", version: 9 }] })).toThrow(
      "opset 9; export the model with opset 11 to 20",
    );
  });
});
