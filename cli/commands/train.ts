import { resolve } from "node:path";
import { WinnowError } from "../../core/base/errors.ts";
import { runTask } from "../../core/stages/tasks.ts";
import { lossTrendLine } from "../../core/training/loop/lossTrend.ts";
import { dataRemarks } from "../../core/training/loop/teachable.ts";
import { type CliConfig, computeOptions } from "../config.ts";
import type { Io } from "../io.ts";
import { existing } from "../open.ts";
import { ProgressLine } from "../progressLine.ts";

export interface TrainOptions {
  pairs: string;
  base: string;
  out: string;
  budget: number;
  seed: number;
  /** Judged question set that must not be trained on. */
  questions?: string;
  loss?: "listwise" | "binary" | "marginMse";
  distillation?: number;
  learningRate?: number;
  headLearningRate?: number;
  questionsPerStep?: number;
  passages?: number;
  maxTokens?: number;
  epochs?: number;
  patience?: number;
  frozenLayers?: number;
}

/** Fine-tunes a cross-encoder on labelled pairs, its progress on stderr. Ctrl-C saves a checkpoint; the same command continues from it. */
export async function trainCommand(config: CliConfig, io: Io, options: TrainOptions): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const out = resolve(options.out);
  const line = new ProgressLine();
  const report = await runTask(
    "trainFromPairs",
    {
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
      questionsFile: options.questions === undefined ? undefined : existing(options.questions, "questions"),
    },
    {
      ...computeOptions(config),
      signal: stop.signal,
      onProgress: (progress) => line.show(progress),
    },
  )
    .catch((error) => {
      throw stop.signal.aborted ? interrupted(out) : error;
    })
    .finally(() => line.clear());
  io.result({ out, ...report }, () => {
    const { losses, steps, seconds, pairsPerSecond } = report;
    const remarks = dataRemarks(report);
    return `${steps} steps in ${seconds.toFixed(0)} s (${pairsPerSecond.toFixed(1)} pairs/s), ${lossTrendLine(losses)}\n${remarks === "" ? "" : `${remarks}\n`}Model: ${out}`;
  });
}

function interrupted(out: string): WinnowError {
  return new WinnowError("Cancelled", `training was cancelled; the same command goes on from ${out}.checkpoints`);
}
