import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { quietContext } from "../../base/progress.ts";
import { seededRandom } from "../../base/random.ts";
import { writeSafetensors } from "../../models/safetensors.ts";
import { tinyWeights, writeTinyModel } from "../../models/testing/tinyModel.ts";
import { optionsFor, stopAt, temporary } from "../testing/colourFixture.ts";
import { allFinite, divergence, guessingLoss } from "./breakdown.ts";
import type { TrainingOptions } from "./settings.ts";
import { trainCrossEncoder } from "./trainer.ts";

const atLosses = (losses: number[]) => losses.map((loss) => ({ loss }));

it("detects any NaN or infinity among weights, and accepts the largest finite number", () => {
  expect(allFinite(Float32Array.of(3.4e38, -3.4e38, 0))).toBe(true);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(allFinite(Float32Array.of(1, bad, 2))).toBe(false);
});

describe("divergence of the loss", () => {
  it("is reported with both means once the last ten steps are three times as bad as the first, and no sooner", () => {
    const start = Array(10).fill(1);
    expect(divergence(atLosses([...start, ...Array(10).fill(3.1)]), 1)).toBe(
      "the mean loss of the last 10 steps is 3.10, that of the first was 1.00",
    );
    expect(divergence(atLosses([...start, ...Array(10).fill(3)]), 1)).toBeNull();
    expect(divergence(atLosses([...start.slice(1), ...Array(10).fill(99)]), 1)).toBeNull();
  });

  it("is not reported for a base that starts well and gets no worse than guessing", () => {
    expect(divergence(atLosses([...Array(10).fill(0.01), ...Array(10).fill(2)]), Math.log(8))).toBeNull();
  });

  it("is not reported in two hundred thousand steps of log-normal noise", () => {
    const random = seededRandom(4);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    // A step is the mean of four questions, which differ as much as losses of hard and easy ones do.
    const noise = () => [0, 0, 0, 0].reduce((sum) => sum + Math.exp(0.8 * normal()) / 4, 0);
    for (let run = 0; run < 200; run++) {
      const losses = Array.from({ length: 1000 }, () => ({ loss: noise() }));
      for (let end = 20; end <= 1000; end += 10) expect(divergence(losses.slice(end - 20, end), 1)).toBeNull();
    }
  });

  it("compares with the loss of equal logits", () => {
    const groups = [{ question: "q", passages: ["a", "b", "c"], teacher: [4, 2, 1] }];
    const of = (loss: "listwise" | "binary" | "marginMse" | "graded", passagesPerQuestion = 8) =>
      guessingLoss(groups, { loss, passagesPerQuestion });
    expect([of("listwise"), of("listwise", 2), of("binary")]).toEqual([Math.log(3), Math.LN2, Math.LN2]);
    expect(of("graded", 3)).toBeCloseTo(4 * Math.LN2 + Math.log(3), 10);
    expect(of("marginMse")).toBe((2 ** 2 + 3 ** 2) / 2);
  });
});

describe("a training that breaks down", () => {
  let base: string;
  beforeAll(async () => {
    base = await temporary();
    await writeTinyModel(base);
  });
  const failureOf = (options: TrainingOptions) => trainCrossEncoder(options, quietContext()).catch((error) => error);
  const saved = async ({ checkpointDir }: TrainingOptions) =>
    (await readdir(checkpointDir)).filter((name) => name.startsWith("step-"));

  it("stops at the step without a finite number, and continues from the last good checkpoint at lower rates", async () => {
    const options = await optionsFor(base, { checkpointSeconds: 0, maxEpochs: 100, maxSteps: 60 });
    const high = { ...options, learningRate: 1e3, headLearningRate: 1e3 };
    const error = await failureOf(high);
    expect(error).toMatchObject({
      code: "BadInput",
      message: expect.stringMatching(/broke down at step \d+ of 60: the .* is (NaN|-?Infinity)\. Lower learningRate/),
    });
    const [, step, left] = /at step (\d+) .* checkpoint of step (\d+) stays/.exec(error.message)!;
    expect(Number(left)).toBeLessThan(Number(step));
    expect(await saved(options)).toContain(`step-${left}`);
    expect((await failureOf(high)).message).toBe(error.message);
    const report = await trainCrossEncoder({ ...options, learningRate: 1e-4 }, quietContext());
    expect(report).toMatchObject({ steps: 60, resumedFrom: Number(left) });
    expect(report.brokeDown).toEqual([{ learningRate: 1e3, headLearningRate: 1e3, brokeAt: Number(step) }]);
    expect(report.losses.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it("stops when the loss explodes with finite numbers, and keeps the checkpoints from before", async () => {
    const options = await optionsFor(base, { checkpointSeconds: 0, maxEpochs: 100, maxSteps: 200 });
    const error = await failureOf({ ...options, learningRate: 3, headLearningRate: 3 });
    expect(error.message).toMatch(/broke down at step \d+ of 200: the mean loss of the last 10 steps is/);
    const [, step, left] = /at step (\d+) .* checkpoint of step (\d+) stays/.exec(error.message)!;
    expect(Number(left)).toBeLessThan(Number(step) - 10);
    expect(
      await trainCrossEncoder({ ...options, learningRate: 1e-4, maxSteps: 200 }, stopAt(100)).catch(String),
    ).toMatch(/cancelled at step 100/);
  });

  it("starts anew if more than the rates differ", async () => {
    const options = await optionsFor(base, { checkpointSeconds: 0, maxEpochs: 100, maxSteps: 60 });
    expect((await failureOf({ ...options, learningRate: 1e3, headLearningRate: 1e3 })).message).toMatch(
      /of step \d+ stays/,
    );
    const other = { ...options, seed: 6, learningRate: 1e-4, maxSteps: 60 };
    expect(await trainCrossEncoder(other, stopAt(1)).catch(String)).toMatch(/cancelled at step 1 of/);
    expect(await saved(options)).toEqual(["step-1"]);
  });

  it("never exports weights that rank a validation group by NaN", async () => {
    // The last update breaks the weights, and no later loss could show it.
    const options = await optionsFor(base, { maxSteps: 1, learningRate: 3e38, headLearningRate: 3e38 });
    expect((await failureOf(options)).message).toMatch(/broke down at step 1 of 1/);
    expect(await readdir(options.outDir)).toEqual([]);
    expect(await saved(options)).toEqual([]);
  });

  it("reports the base, not the rates, if the loss is not finite before any training", async () => {
    const broken = await temporary();
    await writeTinyModel(broken);
    const weights = tinyWeights(1);
    weights.get("encoder.layer.0.output.dense.bias")!.data.fill(Number.NaN);
    await writeSafetensors(join(broken, "model.safetensors"), weights);
    expect(await failureOf(await optionsFor(broken))).toMatchObject({
      code: "BadModel",
      message: expect.stringMatching(/the loss is NaN before any training/),
    });
  });
});
