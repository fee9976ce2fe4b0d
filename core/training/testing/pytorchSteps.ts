import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import type { Tensor } from "../../onnx/runtime.ts";
import { TrainingEngine } from "../loop/engine.ts";
import type { LossName } from "../loop/losses.ts";
import { updateScalars } from "../loop/schedule.ts";

/** Makes a step from one group, whose logits are used alone. Returns its loss before the step. */
export async function stepOn(
  engine: TrainingEngine,
  rows: readonly EncodedText[],
  targets: Iterable<number>,
  scalars: Record<string, Tensor>,
  random = Math.random,
): Promise<number> {
  const group = { rows, targets: Float32Array.from(targets), prior: new Float32Array(rows.length), random };
  return (await engine.train([{ groups: [group], scalars }]))[0]!.loss;
}

/**
 * The gradient of each weight at the base's own weights, in the order of the engine's layout: without momentum, AdamW's
 * mean is the last gradient.
 */
export async function gradientOf(
  base: BaseModel,
  loss: LossName,
  rows: readonly EncodedText[],
  targets: Iterable<number>,
): Promise<Float32Array> {
  const adam = { beta1: 0, beta2: 0.999 };
  const engine = await TrainingEngine.open(base, { loss, dropout: 0, threads: 1, maxNorm: Number.MAX_VALUE, ...adam });
  const rates = { learningRate: 0, headLearningRate: 0, weightDecay: 0, ...adam, epsilon: 1 };
  await stepOn(engine, rows, targets, updateScalars(0, 1, rates));
  await engine.close();
  return engine.state.means;
}

/** AdamW steps that PyTorch made on one group of pairs, with binary cross-entropy, all weights at one rate. */
export interface PyTorchSteps {
  targets: readonly number[];
  rate: number;
  decay: number;
  clip: number;
  /** Loss before each step. */
  losses: readonly number[];
}

export interface StepsTaken {
  losses: number[];
  /** Names of the trained weights. */
  trained: string[];
  /** Norm of the difference of the weights' changes from PyTorch's, by the norm of PyTorch's. */
  error: number;
}

/**
 * Makes the same steps from the same base.
 *
 * @param changeOf what PyTorch added to a weight over all steps.
 * @param nameOf the weight's name in PyTorch, where an export has lost it.
 */
export async function stepsLikePyTorch(
  base: BaseModel,
  rows: readonly EncodedText[],
  { targets, rate, decay, clip, losses }: PyTorchSteps,
  changeOf: (name: string) => Float32Array,
  nameOf: (name: string) => string = (name) => name,
): Promise<StepsTaken> {
  const adam = { beta1: 0.9, beta2: 0.999 };
  const engine = await TrainingEngine.open(base, { loss: "binary", dropout: 0, threads: 1, maxNorm: clip, ...adam });
  const before = engine.state.weights.slice();
  const settings = { learningRate: rate, headLearningRate: rate, weightDecay: decay, ...adam, epsilon: 1e-8 };
  const found: number[] = [];
  for (const step of losses.keys()) {
    found.push(await stepOn(engine, rows, targets, updateScalars(step, 1, settings)));
  }
  let [wrong, total] = [0, 0];
  for (const { name, offset, size } of engine.layout.parameters) {
    const expected = changeOf(name);
    // A softmax ignores a constant added to all scores. A key bias has rounding as its gradient, which Adam magnifies.
    if (/(key|k_lin)\.bias$/.test(nameOf(name))) continue;
    for (let i = 0; i < size; i++) {
      wrong += (engine.state.weights[offset + i]! - before[offset + i]! - expected[i]!) ** 2;
      total += expected[i]! ** 2;
    }
  }
  const trained = engine.layout.parameters.map(({ name }) => name);
  await engine.close();
  return { losses: found, trained, error: Math.sqrt(wrong / total) };
}
