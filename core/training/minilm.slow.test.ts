import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embedderDir } from "../models/locate.ts";
import type { EncodedText } from "../reranker/batches.ts";
import { RARITY } from "../reranker/matching.ts";
import { openBaseModel } from "./baseModel.ts";
import { TrainingEngine } from "./engine.ts";
import { updateScalars } from "./schedule.ts";

/** Norm of a tensor, then four values spread over it. */
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
  /** Of the weights, over ten steps. */
  changes: Record<string, Summary>;
}

const reference: Reference = JSON.parse(await readFile(new URL("fixtures/minilm.json", import.meta.url), "utf8"));
const { rates, questionTokens } = reference;
const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const modelDir = embedderDir(cache);
const rows: EncodedText[] = reference.rows.map((ids) => ({
  ids,
  typeIds: ids.map((_, i) => Number(i >= questionTokens)),
}));

/** A softmax ignores what is added to all its scores: these gradients are zero but for rounding. */
const isZero = (name: string) => name.endsWith("key.bias") || name === "classifier.bias";

function summary(values: Float32Array): Summary {
  const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  return [norm, ...[0, 1, 2, 3].map((i) => values[Math.floor((i * (values.length - 1)) / 3)]!)];
}

/** Every tensor within `tolerance` of the reference's norm, in its norm and in the values kept. */
function expectAlike(engine: TrainingEngine, flat: Float32Array, expected: Record<string, Summary>, tolerance: number) {
  expect(engine.layout.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, offset, size } of engine.layout.parameters) {
    if (isZero(name)) continue;
    const [norm] = expected[name] as [number];
    summary(flat.subarray(offset, offset + size)).forEach((value, i) => {
      expect(Math.abs(value - expected[name]![i]!) / norm, `${name}, number ${i}`).toBeLessThan(tolerance);
    });
  }
}

describe.skipIf(!existsSync(modelDir))("all-MiniLM-L6-v2 beside PyTorch (fixtures/minilm_reference.py)", () => {
  let engine: TrainingEngine;
  const accumulate = () => engine.accumulate(rows, Float32Array.from(reference.targets), 1, Math.random);
  beforeAll(async () => {
    const adam = { beta1: 0.9, beta2: 0.999, maxNorm: rates.clip };
    const options = { loss: "listwise", dropout: 0, threads: 2, ...adam } as const;
    const base = await openBaseModel(modelDir, reference.seed);
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

  it("gives the loss within 1e-5 and each weight's gradient within 1e-4 of its norm", async () => {
    (await engine.score(rows)).forEach((logit, i) => {
      expect(logit).toBeCloseTo(reference.logits[i]!, 4);
    });
    expect(Math.abs((await accumulate()) - reference.losses[0]!)).toBeLessThan(1e-5);
    expectAlike(engine, engine.gradientSums, reference.gradients, 1e-4);
    for (const { name, offset, size } of engine.layout.parameters.filter((parameter) => isZero(parameter.name))) {
      expect(summary(engine.gradientSums.subarray(offset, offset + size))[0], name).toBeLessThan(1e-5);
    }
    engine.clearGradients();
  });

  it("changes each weight over ten clipped AdamW steps within 1 % of how PyTorch changes it", async () => {
    const { body: learningRate, head: headLearningRate, decay: weightDecay } = rates;
    const settings = { learningRate, headLearningRate, weightDecay, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const start = engine.state.weights.slice();
    for (const [step, loss] of reference.losses.entries()) {
      expect(Math.abs((await accumulate()) - loss)).toBeLessThan(1e-3);
      await engine.update(updateScalars(step, 1, settings));
    }
    const change = engine.state.weights.map((weight, i) => weight - start[i]!);
    expectAlike(engine, change, reference.changes, 0.01);
  });
});
