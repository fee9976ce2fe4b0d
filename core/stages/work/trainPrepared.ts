import { readGroupStats, readTrainingGroups } from "../../artifacts/groups.ts";
import type { WorkContext } from "../../base/progress.ts";
import { LONG_TRAINING_MINUTES } from "../../training/loop/schedule.ts";
import { trainCrossEncoder } from "../../training/loop/trainer.ts";
import type { TrainingReport } from "../../training/loop/trainingReport.ts";
import { writtenLine } from "../../training/questions/written/check.ts";

/** Validations without a better one that end a long training; a short one would save little by it. */
const PATIENCE = 3;

export interface TrainPreparedArgs {
  /** Train-data artifact: what `prepareTraining` wrote. */
  dataDir: string;
  baseDir: string;
  outDir: string;
  checkpointDir: string;
  budgetMinutes: number;
  seed: number;
}

/**
 * The train stage: fine-tunes on prepared groups, and with half an hour or more ends when validation has stopped getting
 * better. Where another process trains in the folder, it waits until that has
 * ended or is gone: an attempt that Temporal has given up may go on for a while. Throws what `trainCrossEncoder` throws.
 */
export async function trainPrepared(
  { dataDir, ...options }: TrainPreparedArgs,
  ctx: WorkContext,
): Promise<TrainingReport> {
  const { groups, validation } = await readTrainingGroups(dataDir);
  const dataDescription = `${groups.length} questions that the docs ask themselves, with mined negatives${await others(dataDir)}`;
  const validationDescription =
    "Validation groups are made like the training data, from pages held out of it (the release's evaluation report has figures on judged questions)";
  const patience = options.budgetMinutes >= LONG_TRAINING_MINUTES ? PATIENCE : 0;
  const { threads, provider } = ctx.compute;
  const given = { ...options, threads, provider, groups, validation, patience, dataDescription, validationDescription };
  return trainCrossEncoder(given, ctx, { patienceMs: Number.POSITIVE_INFINITY });
}

/** What the groups hold beside the docs' own questions. */
async function others(dataDir: string): Promise<string> {
  const { supplied, written } = await readGroupStats(dataDir);
  const pairs = supplied > 0 ? `; ${supplied} of them labelled pairs supplied by the operator` : "";
  return written ? `${pairs}; ${writtenLine(written)}` : pairs;
}
