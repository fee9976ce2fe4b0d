import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import { TrainingEngine } from "../loop/engine.ts";
import { updateScalars } from "../loop/schedule.ts";

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
    found.push(await engine.accumulate(rows, Float32Array.from(targets), 1, Math.random));
    await engine.update(updateScalars(step, 1, settings));
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
