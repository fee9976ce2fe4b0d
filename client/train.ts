import { resolve } from "node:path";
import { computeOptions } from "../config/cliConfig.ts";
import { WinnowError } from "../core/base/errors.ts";
import type { TaskProgress } from "../core/base/progress.ts";
import { runTask } from "../core/stages/tasks.ts";
import type { PairsReport } from "../core/stages/work/standalone.ts";
import { existing } from "./openRelease.ts";
import type { Computing } from "./settings.ts";

/** Options of a training on labelled pairs. The trainer has defaults for omitted ones. */
export interface TrainOptions {
  /** JSONL; a line is `{"query", "positive", "negatives": [...]}`. */
  pairs: string;
  /** Folder of the encoder or cross-encoder to start from. */
  base: string;
  /** Folder of the new model. */
  out: string;
  /** Minutes. */
  budget: number;
  seed: number;
  /** Judged question set that must not be trained on. */
  questions?: string;
  loss?: "listwise" | "binary" | "marginMse";
  /** Share of the listwise target that comes from the pairs' scores. */
  distillation?: number;
  learningRate?: number;
  headLearningRate?: number;
  questionsPerStep?: number;
  /** Passages per question in a step: the positive and negatives. */
  passages?: number;
  maxTokens?: number;
  epochs?: number;
  /** Validations without improvement before training stops. */
  patience?: number;
  frozenLayers?: number;
  /** Layers that learn, beside the head: all, or those that read question and passage together. Default: all. */
  layers?: "all" | "joint";
}

export interface TrainProgress {
  /** Stops the training, which saves a checkpoint; the same options continue from it. */
  signal?: AbortSignal;
  onProgress?: (progress: TaskProgress) => void;
}

/**
 * Fine-tunes a cross-encoder on labelled pairs; needs no Temporal. Gives the folder of the model and the training report.
 * Throws BadInput for a missing file or bad pairs, BadModel, Busy when another training uses the folder, Cancelled.
 *
 * @example
 * const { out, steps, losses } = await train(config, {
 *   pairs: "pairs.jsonl", base: "models/encoder", out: "models/tuned", budget: 20, seed: 17,
 * });
 */
export async function train(
  config: Pick<Computing, "threads" | "provider" | "env">,
  options: TrainOptions,
  { signal, onProgress }: TrainProgress = {},
): Promise<{ out: string } & PairsReport> {
  const out = resolve(options.out);
  const args = {
    pairsFile: existing(options.pairs, "pairs"),
    baseDir: existing(options.base, "base"),
    outDir: out,
    budgetMinutes: options.budget,
    seed: options.seed,
    loss: options.loss,
    distillation: options.distillation,
    learningRate: options.learningRate,
    headLearningRate: options.headLearningRate,
    questionsPerStep: options.questionsPerStep,
    passagesPerQuestion: options.passages,
    maxTokens: options.maxTokens,
    maxEpochs: options.epochs,
    patience: options.patience,
    frozenLayers: options.frozenLayers,
    layers: options.layers,
    questionsFile: options.questions === undefined ? undefined : existing(options.questions, "questions"),
  };
  try {
    return { out, ...(await runTask("trainFromPairs", args, { ...computeOptions(config), signal, onProgress })) };
  } catch (error) {
    throw signal?.aborted ? interrupted(out) : error;
  }
}

function interrupted(out: string): WinnowError {
  return new WinnowError("Cancelled", `training was cancelled; the same command goes on from ${out}.checkpoints`);
}
