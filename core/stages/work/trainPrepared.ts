import { readGroupStats, readTrainingGroups } from "../../artifacts/groups.ts";
import { eachWindowInput } from "../../artifacts/passages.ts";
import type { WorkContext } from "../../base/progress.ts";
import { LONG_TRAINING_MINUTES } from "../../training/loop/schedule.ts";
import { trainCrossEncoder } from "../../training/loop/trainer.ts";
import type { TrainingReport } from "../../training/loop/trainingReport.ts";
import { writtenLine } from "../../training/questions/written/graded.ts";

/** Validations without improvement that end a long training. A short one would save little. */
const PATIENCE = 3;

export interface TrainPreparedArgs {
  /** Train-data artifact of `prepareTraining`. */
  dataDir: string;
  /** Ingest artifact. */
  ingestDir: string;
  baseDir: string;
  /** Name of that model, for the model card. Default: the folder's. */
  baseName?: string;
  outDir: string;
  checkpointDir: string;
  budgetMinutes: number;
  /** Does not train if budget or data allow fewer steps. */
  leastSteps: number;
  seed: number;
}

/**
 * The train stage: fine-tunes on prepared groups. Budgets of half an hour or more end early when validation stops
 * improving. Waits while another process trains in the folder: an attempt that Temporal has abandoned may continue for
 * a while. Throws what `trainCrossEncoder` throws.
 */
export async function trainPrepared(
  { dataDir, ingestDir, ...options }: TrainPreparedArgs,
  ctx: WorkContext,
): Promise<TrainingReport> {
  const { groups, validation } = await readTrainingGroups(dataDir);
  const dataDescription = `${groups.length} questions generated from the docs, with mined negatives${await others(dataDir)}`;
  const validationDescription =
    "Validation groups are made like the training data, from pages held out of it (the release's evaluation report has figures on judged questions)";
  const patience = options.budgetMinutes >= LONG_TRAINING_MINUTES ? PATIENCE : 0;
  const { threads, provider } = ctx.compute;
  const texts = eachWindowInput(ingestDir);
  const described = { dataDescription, validationDescription };
  const given = { ...options, threads, provider, groups, validation, texts, patience, ...described };
  return trainCrossEncoder(given, ctx, { patienceMs: Number.POSITIVE_INFINITY });
}

/** Describes the groups that were not generated from the docs. */
async function others(dataDir: string): Promise<string> {
  const { supplied, written } = await readGroupStats(dataDir);
  const pairs = supplied > 0 ? `; ${supplied} of them labelled pairs supplied by the operator` : "";
  return written ? `${pairs}; ${writtenLine(written)}` : pairs;
}
