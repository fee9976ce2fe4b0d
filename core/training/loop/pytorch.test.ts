import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { RARITY } from "../../models/matching.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { gradientOf, stepOn } from "../testing/pytorchSteps.ts";
import { TrainingEngine } from "./engine.ts";
import { updateScalars } from "./schedule.ts";

interface Summary {
  norm: number;
  first: number[];
}

interface Reference {
  rows: number[][];
  targets: number[];
  rates: { body: number; head: number; decay: number; clip: number };
  logits: number[];
  losses: number[];
  gradients: Record<string, Summary>;
  weights: Record<string, Summary>;
}

const reference: Reference = JSON.parse(await readFile(new URL("fixtures/pytorch.json", import.meta.url), "utf8"));
const { rates } = reference;
const rows: EncodedText[] = reference.rows.map((ids) => ({ ids, typeIds: ids.map((_, i) => (i < 5 ? 0 : 1)) }));

function expectAlike(engine: TrainingEngine, flat: Float32Array, expected: Record<string, Summary>, tolerance: number) {
  expect(engine.layout.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, offset, size } of engine.layout.parameters) {
    // A softmax ignores a constant added to all scores. These gradients are zero except for rounding, which Adam
    // magnifies.
    if (name.endsWith("key.bias") || name === "classifier.bias") continue;
    const values = flat.subarray(offset, offset + size);
    const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    expect(Math.abs(norm - expected[name]!.norm), `norm of ${name}`).toBeLessThan(tolerance);
    expected[name]!.first.forEach((value, i) => {
      expect(Math.abs(values[i]! - value), `${name}[${i}]`).toBeLessThan(tolerance);
    });
  }
}

describe("the training step compared with PyTorch (fixtures/pytorch_reference.py)", () => {
  let base: BaseModel;
  let engine: TrainingEngine;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "winnow-pytorch-"));
    await writeTinyModel(folder, 1);
    const options = {
      loss: "listwise",
      dropout: 0,
      threads: 1,
      beta1: 0.9,
      beta2: 0.999,
      maxNorm: rates.clip,
    } as const;
    base = await openBaseModel(folder, 5);
    base.weights.set(RARITY, { dims: [40, 1], data: Float32Array.from({ length: 40 }, (_, id) => Math.sin(id)) });
    engine = await TrainingEngine.open(base, options);
  });
  afterAll(() => engine.close());

  it("gives the same logits", async () => {
    (await engine.score(rows)).forEach((logit, i) => {
      expect(logit).toBeCloseTo(reference.logits[i]!, 5);
    });
  });

  it("gives the same gradient of every weight", async () => {
    expectAlike(engine, await gradientOf(base, "listwise", rows, reference.targets), reference.gradients, 2e-5);
  });

  it("gives the same losses and weights over ten clipped AdamW steps", async () => {
    const settings = {
      learningRate: rates.body,
      headLearningRate: rates.head,
      weightDecay: rates.decay,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    };
    for (const [step, loss] of reference.losses.entries()) {
      const found = await stepOn(engine, rows, reference.targets, updateScalars(step, 1, settings));
      expect(found).toBeCloseTo(loss, step === 0 ? 5 : 4);
    }
    expectAlike(engine, engine.state.weights, reference.weights, 2e-5);
  });
});
