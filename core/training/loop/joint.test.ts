import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { quietContext } from "../../base/progress.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import { openCrossEncoder } from "../../models/crossEncoder.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { StatesInMemory } from "../../models/late/keptStates.ts";
import { packedFeeds } from "../../models/packedFeeds.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { openTokenizer } from "../../models/tokenizer.ts";
import { writeUntrained } from "../../models/untrained.ts";
import type { Graph } from "../../onnx/graph.ts";
import { createSession, type Tensor } from "../../onnx/runtime.ts";
import { colourGroups, modelOf, optionsFor, stopAt, temporary } from "../testing/colourFixture.ts";
import { encodeGroup } from "./batches.ts";
import { TrainingEngine } from "./engine.ts";
import { scalarTensor } from "./schedule.ts";
import { buildGradientGraph, buildLowerGraph } from "./stepGraphs.ts";
import { trainCrossEncoder } from "./trainer.ts";

const OPTIONS = { loss: "listwise", dropout: 0, threads: 1, maxNorm: 1, beta1: 0.9, beta2: 0.999 } as const;
const folderOf = (path: string) => fileURLToPath(new URL(`../../models/families/${path}`, import.meta.url));
const [GROUP] = colourGroups(1);

async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await createSession(graph.toBytes(), { threads: 1 });
  const needed = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
  const outputs = await session.run(Object.fromEntries(needed));
  await session.close();
  return outputs;
}

function weightsOf({ weights }: BaseModel): Record<string, Tensor> {
  return Object.fromEntries([...weights].map(([name, tensor]) => [name, { type: "float32", ...tensor }]));
}

const numbersOf = ({ data }: Tensor) => data as Float32Array;
const largest = (numbers: Float32Array) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

const CASES = [
  ["bert", null],
  ["distilbert, which divides a pair by its separator", "bert/fixtures/embedders/distilbert"],
  ["xlm-roberta, which divides it by two", "bert/fixtures/embedders/xlm-roberta"],
  ["modernbert", "modernbert/fixtures/embedder"],
] as const;

describe.each(CASES)("the joint layers of %s on given states", (_, fixture) => {
  it("have the whole graph's loss and gradients", async () => {
    const dir = fixture === null ? await temporary() : folderOf(fixture);
    if (fixture === null) await writeTinyModel(dir);
    const base = await openBaseModel(dir, 5);
    const { network } = base;
    const apart = network.apart!;
    const rows = encodeGroup(await openTokenizer(dir), GROUP!, 40);

    const lower = buildLowerGraph(apart).graph;
    const states: number[] = [];
    for (const row of rows) {
      const sides = apart.sides(row);
      const start = sides.indexOf(1);
      for (const [from, to] of [
        [0, start],
        [start, row.ids.length],
      ] as const) {
        const text = { ids: row.ids.slice(from, to), typeIds: sides.slice(from, to) };
        const { data } = (await run(lower, { ...packedFeeds([text], "cls"), ...weightsOf(base) })).states!;
        states.push(...(data as Float32Array));
      }
    }

    const joint = buildGradientGraph(
      {
        maskWidth: 0,
        forward: (graph, weights) =>
          apart.joint(graph, weights, graph.input("states", "float32", ["tokens", apart.hidden])),
      },
      network.frozen(0),
      "binary",
      false,
    );
    const jointNames = new Set(joint.trained.map(({ name }) => name));
    const whole = buildGradientGraph(network, (name) => !jointNames.has(name), "binary", false);
    expect(whole.trained.map(({ name }) => name)).toEqual([...jointNames]);
    const sums = joint.trained.map(({ name, dims }): [string, Tensor] => {
      const size = (dims as number[]).reduce((product, dim) => product * dim, 1);
      return [`sum:${name}`, { type: "float32", dims: dims as number[], data: new Float32Array(size) }];
    });
    const feeds: Record<string, Tensor> = {
      ...network.feeds(rows),
      ...weightsOf(base),
      ...Object.fromEntries(sums),
      states: { type: "float32", dims: [states.length / apart.hidden, apart.hidden], data: Float32Array.from(states) },
      targets: { type: "float32", dims: [1, 3], data: Float32Array.of(1, 0, 0) },
      prior: { type: "float32", dims: [1, 3], data: new Float32Array(3) },
      loss_weight: scalarTensor(1),
    };
    const [found, expected] = [await run(joint.graph, feeds), await run(whole.graph, feeds)];
    expect(found.loss!.data[0]).toBeCloseTo(Number(expected.loss!.data[0]), 5);
    const all = Math.max(...[...jointNames].map((name) => largest(numbersOf(expected[`gradient:${name}`]!))));
    for (const name of jointNames) {
      const gradient = numbersOf(expected[`gradient:${name}`]!);
      const other = numbersOf(found[`gradient:${name}`]!);
      // Small gradients are differences of large numbers. That of a key bias is rounding alone.
      const scale = Math.max(largest(gradient), all / 1000);
      expect(largest(gradient.map((x, i) => x - other[i]!)) / scale, name).toBeLessThan(1e-3);
    }
  });
});

describe("training the joint layers alone", () => {
  let base: string;
  beforeAll(async () => {
    base = await temporary();
    await writeTinyModel(base);
  });

  it("scores nearly as the whole network, from states rounded to 8 bits", async () => {
    const rows = encodeGroup(await openTokenizer(base), GROUP!, 40);
    const logits: Float32Array[] = [];
    for (const layers of ["all", "joint"] as const) {
      const engine = await TrainingEngine.open(await openBaseModel(base, 5), { ...OPTIONS, layers });
      logits.push(await engine.score(rows));
      await engine.close();
    }
    logits[1]!.forEach((logit, i) => {
      expect(Math.abs(logit - logits[0]![i]!)).toBeLessThan(0.1);
    });
  });

  it("leaves the lower layers as they are, bit by bit, so that releases share their passage states", async () => {
    const options = await optionsFor(base, { layers: "joint", learningRate: 3e-3, headLearningRate: 1e-2 });
    await trainCrossEncoder(options, quietContext());
    const [before, after] = [await openBaseModel(base, 5), await openBaseModel(options.outDir, 5)];
    const changed = [...after.weights].filter(
      ([name, { data }]) => !before.weights.get(name)!.data.every((x, i) => x === data[i]),
    );
    const names = changed.map(([name]) => name);
    expect(names.filter((name) => /^embeddings|layer\.0\./.test(name))).toEqual([]);
    expect(names).toContain("encoder.layer.1.attention.self.query.weight");
    expect(names).toContain("classifier.weight");

    const untrained = await mkdtemp(join(tmpdir(), "winnow-joint-"));
    await writeUntrained(base, untrained, null);
    const states = new StatesInMemory(2 ** 20);
    let computed = 0;
    const keep = states.keep.bind(states);
    states.keep = (...args) => {
      computed++;
      keep(...args);
    };
    const found: number[][] = [];
    for (const dir of [untrained, options.outDir]) {
      const reranker = await openCrossEncoder(dir, { threads: 1, states });
      found.push(await reranker.score("what is red", ["the pod is red", "the pod is blue"]));
      await reranker.close();
    }
    expect(computed).toBe(2);
    expect(found[0]).not.toEqual(found[1]);
  });

  it("learns, and ends with the same bits after being interrupted and resumed", async () => {
    const rates = { maxSteps: 30, maxEpochs: 100, learningRate: 3e-3, headLearningRate: 1e-2, distillation: 0 };
    const whole = await optionsFor(base, { ...rates, layers: "joint" });
    const report = await trainCrossEncoder(whole, quietContext());
    expect(report.losses.at(-1)!.loss).toBeLessThan(0.8 * report.losses[0]!.loss);
    const parts = await optionsFor(base, { ...rates, layers: "joint" });
    await expect(trainCrossEncoder(parts, stopAt(11))).rejects.toMatchObject({ code: "Cancelled" });
    expect(await trainCrossEncoder(parts, quietContext())).toMatchObject({ resumedFrom: 11, losses: report.losses });
    expect(Buffer.compare(await modelOf(parts.outDir), await modelOf(whole.outDir))).toBe(0);
  });

  it("is refused for a base whose layers all read the pair as one text, and beside frozen layers", async () => {
    const exported = fileURLToPath(new URL("fixtures/exports/bert", import.meta.url));
    const options = await optionsFor(exported, { layers: "joint" });
    await expect(trainCrossEncoder(options, quietContext())).rejects.toMatchObject({
      code: "BadInput",
      message: expect.stringContaining("there are no joint layers to train alone. Train all layers"),
    });
    const both = await optionsFor(base, { layers: "joint", frozenLayers: 1 });
    await expect(trainCrossEncoder(both, quietContext())).rejects.toThrow("frozenLayers must be 0");
  });
});
