import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { embedderDir } from "../../models/locate.ts";
import { RARITY } from "../../models/matching.ts";
import { gradientOf, stepOn } from "../testing/pytorchSteps.ts";
import { TrainingEngine } from "./engine.ts";
import { updateScalars } from "./schedule.ts";

/** Norm of a tensor, then its products with eight random vectors of +-1. */
type Summary = number[];

interface Reference {
  rows: number[][];
  questionTokens: number;
  targets: number[];
  seed: number;
  rates: { body: number; head: number; decay: number; clip: number };
  logits: number[];
  losses: number[];
  gradients: Record<string, Summary>;
  /** Changes of the weights over ten steps. */
  changes: Record<string, Summary>;
}

const reference: Reference = JSON.parse(await readFile(new URL("fixtures/minilm.json", import.meta.url), "utf8"));
const { rates, questionTokens } = reference;
const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const modelDir = embedderDir(cache);
/** Seed of the random vectors, the same as in the script. */
const SIGNS = 23;
const rows: EncodedText[] = reference.rows.map((ids) => ({
  ids,
  typeIds: ids.map((_, i) => Number(i >= questionTokens)),
}));

/** A softmax ignores a constant added to all scores, so these gradients are zero except for rounding. */
const isZero = (name: string) => name.endsWith("key.bias") || name === "classifier.bias";

function summary(values: Float32Array): Summary {
  const random = seededRandom(SIGNS);
  const products = Array(8).fill(0);
  let squares = 0;
  for (const x of values) {
    squares += x * x;
    const bits = random() * 2 ** 32;
    for (let i = 0; i < 8; i++) products[i] += (bits >>> i) & 1 ? -x : x;
  }
  return [Math.sqrt(squares), ...products];
}

/**
 * Distance of a tensor from the reference: the root mean square of the products' differences, as a share of its norm.
 */
function distance(values: Float32Array, [norm, ...products]: Summary): number {
  const [, ...own] = summary(values);
  const squares = own.reduce((sum, product, i) => sum + (product - products[i]!) ** 2, 0);
  return Math.sqrt(squares / own.length) / norm!;
}

/** Expects every tensor within `tolerance` of the reference, as a share of its norm. */
function expectAlike(engine: TrainingEngine, flat: Float32Array, expected: Record<string, Summary>, tolerance: number) {
  expect(engine.layout.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, offset, size } of engine.layout.parameters) {
    if (isZero(name)) continue;
    const values = flat.subarray(offset, offset + size);
    expect(Math.abs(summary(values)[0]! / expected[name]![0]! - 1), `norm of ${name}`).toBeLessThan(tolerance);
    expect(distance(values, expected[name]!), name).toBeLessThan(tolerance);
  }
}

describe.skipIf(!existsSync(modelDir))("all-MiniLM-L6-v2 beside PyTorch (fixtures/minilm_reference.py)", () => {
  let base: BaseModel;
  let engine: TrainingEngine;
  beforeAll(async () => {
    const adam = { beta1: 0.9, beta2: 0.999, maxNorm: rates.clip };
    const options = { loss: "listwise", dropout: 0, threads: 2, ...adam } as const;
    base = await openBaseModel(modelDir, reference.seed);
    const wave = Float32Array.from({ length: 384 }, (_, i) => Math.sin(i) / 20);
    for (const name of ["classifier.weight", "matching.importance.weight"]) {
      base.weights.set(name, { dims: [1, 384], data: wave.slice() });
    }
    const { vocabulary } = base.network;
    const rarity = Float32Array.from({ length: vocabulary }, (_, id) => Math.sin(id));
    base.weights.set(RARITY, { dims: [vocabulary, 1], data: rarity });
    engine = await TrainingEngine.open(base, options);
  });
  afterAll(() => engine.close());

  it("gives each weight's gradient within 1e-4 of its norm", async () => {
    (await engine.score(rows)).forEach((logit, i) => {
      expect(logit).toBeCloseTo(reference.logits[i]!, 4);
    });
    const gradient = await gradientOf(base, "listwise", rows, reference.targets);
    expectAlike(engine, gradient, reference.gradients, 1e-4);
    for (const { name, offset, size } of engine.layout.parameters.filter((parameter) => isZero(parameter.name))) {
      expect(summary(gradient.subarray(offset, offset + size))[0], name).toBeLessThan(1e-5);
    }
  });

  it("changes each weight over ten clipped AdamW steps within 1 % of PyTorch's change", async () => {
    const { body: learningRate, head: headLearningRate, decay: weightDecay } = rates;
    const settings = { learningRate, headLearningRate, weightDecay, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const start = engine.state.weights.slice();
    for (const [step, loss] of reference.losses.entries()) {
      const found = await stepOn(engine, rows, reference.targets, updateScalars(step, 1, settings));
      expect(Math.abs(found - loss)).toBeLessThan(step === 0 ? 1e-5 : 1e-3);
    }
    const change = engine.state.weights.map((weight, i) => weight - start[i]!);
    expectAlike(engine, change, reference.changes, 0.01);
  });
});
