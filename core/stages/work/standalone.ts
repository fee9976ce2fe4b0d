import { rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { WorkContext } from "../../base/progress.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import { Checkpoints } from "../../training/loop/checkpoint.ts";
import type { TrainingSettings } from "../../training/loop/settings.ts";
import { inFolder, trainHolding } from "../../training/loop/trainer.ts";
import type { TrainingReport } from "../../training/loop/trainingReport.ts";
import { assertPairsNotJudged, holdOut, readPairs } from "../../training/pairs.ts";
import { publishModel } from "./publish.ts";

/** Settings that the user may choose; the others are those of the pipeline. */
type Chosen =
  | "loss"
  | "distillation"
  | "learningRate"
  | "headLearningRate"
  | "questionsPerStep"
  | "passagesPerQuestion"
  | "maxTokens"
  | "maxEpochs"
  | "patience"
  | "frozenLayers"
  | "layers";

export interface StandaloneArgs extends Partial<Pick<TrainingSettings, Chosen>> {
  /**
   * JSONL. Each line is `{"query", "positive", "negatives": [...]}`, optionally with a teacher's `scores` of the
   * positive and the negatives, in that order.
   */
  pairsFile: string;
  /** Judged question set: a pair whose query nearly equals one of its questions fails the run. */
  questionsFile?: string;
  baseDir: string;
  outDir: string;
  budgetMinutes: number;
  seed: number;
  /** Default: next to `outDir`, removed after the model is written. */
  checkpointDir?: string;
}

export interface PairsReport extends TrainingReport {
  /** Lines trained on, and lines held out to choose the best weights. */
  questions: number;
  heldOut: number;
}

/**
 * Fine-tunes on the user's labelled pairs, without corpus or Temporal. Holds out 5 % of the lines to choose the best
 * weights. Throws BadInput naming file and line, and what `trainCrossEncoder` throws.
 */
export async function trainFromPairs(
  { questionsFile, ...args }: StandaloneArgs,
  ctx: WorkContext,
): Promise<PairsReport> {
  const all = await readPairs(args.pairsFile);
  if (questionsFile !== undefined) await assertPairsNotJudged(all, await loadQuestionSet(questionsFile), null, ctx);
  const { groups, validation } = holdOut(all, args.seed);
  const checkpointDir = args.checkpointDir ?? `${resolve(args.outDir)}.checkpoints`;
  const outDir = resolve(args.outDir);
  const draft = `${outDir}.new`;
  const dataDescription = `labelled pairs from ${basename(args.pairsFile)}`;
  const validationDescription = "Validation groups are lines of the same file whose questions were not trained on";
  // This model is served without a retriever.
  const { threads, provider } = ctx.compute;
  const given = { ...args, threads, provider, residual: 0, outDir: draft, checkpointDir, groups, validation };
  return inFolder(checkpointDir, ctx, async (lock) => {
    await rm(draft, { recursive: true, force: true });
    const report = await trainHolding({ ...given, dataDescription, validationDescription }, lock, ctx);
    await publishModel(draft, outDir);
    if (!args.checkpointDir) await new Checkpoints(checkpointDir, 0).clear();
    return { ...report, questions: groups.length, heldOut: validation.length };
  });
}
