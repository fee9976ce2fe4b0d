import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { keepGroups } from "../artifacts/groups.ts";
import { lossTrend, lossTrendLine } from "../training/loop/lossTrend.ts";
import { dataRemarks } from "../training/loop/teachable.ts";
import type { TrainingReport } from "../training/loop/trainingReport.ts";
import { defineStage, type StageContext, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface TrainInput extends StageInput {
  /** Artifact of `prepareTraining`. */
  data: ArtifactRef;
  /** The passages, which give the rarity of each token in the docs. */
  ingest: ArtifactRef;
  /** Model that training starts from. */
  base: ArtifactRef;
  /** Name of that model, for the model card. */
  baseName: string;
  budgetMinutes: number;
  /** Nothing is trained if budget or data allow fewer steps. */
  leastSteps: number;
  seed: number;
}

export interface TrainFacts {
  /** 0 if nothing was trained: the artifact then holds no model. */
  steps: number;
  firstLoss: number | null;
  lastLoss: number | null;
}

/** Hexadecimal digits of the base's digest in the model card. */
const SHOWN_OF_DIGEST = 12;

const checkpointsOf = (key: string, { home }: StageContext) => join(home, "checkpoints", key);

/** Fine-tunes the reranker; resumes from its checkpoint after a crash. */
export const train = defineStage({
  name: "train",
  of: "train",
  queue: "winnow-gpu",
  reads: ({ data, base, ingest }: TrainInput) => ({ data, base, passages: ingest }),
  options: ({ budgetMinutes, leastSteps, seed }: TrainInput) => ({ budgetMinutes, leastSteps, seed }),
  work: works.train,
  async run({ data, base, passages }, input: TrainInput, { context, key, outDir, compute }) {
    const { budgetMinutes, leastSteps, seed } = input;
    const checkpointDir = checkpointsOf(key, context);
    const named = `${input.baseName}@${input.base.sha256.slice(0, SHOWN_OF_DIGEST)}`;
    const given = { dataDir: data, ingestDir: passages, baseDir: base, baseName: named, checkpointDir };
    const report = await compute({ ...given, budgetMinutes, leastSteps, seed });
    // The groups of a training that did not take place would count as learned.
    if (!report.skipped) await keepGroups(data, outDir);
    const trend = lossTrend(report.losses);
    const facts: TrainFacts = {
      steps: report.steps,
      firstLoss: trend?.first ?? null,
      lastLoss: trend?.last ?? null,
    };
    const summary = report.skipped ? skippedSummary(report.skipped, budgetMinutes, leastSteps) : trainSummary(report);
    return { summary, facts };
  },
  recorded: (key, context) => rm(checkpointsOf(key, context), { recursive: true, force: true }),
});

/** Why nothing was trained, with its numbers. */
function skippedSummary(
  { planned, for: lack }: NonNullable<TrainingReport["skipped"]>,
  budgetMinutes: number,
  leastSteps: number,
): string {
  const room = lack === "time" ? `${budgetMinutes} min allow ${planned} steps here` : `the docs give ${planned} steps`;
  return `not trained: ${room}, and fewer than ${leastSteps} are not worth their time`;
}

type Summarised = Pick<TrainingReport, "steps" | "seconds" | "stoppedEarly" | "bestStep" | "losses"> &
  Parameters<typeof dataRemarks>[0];

/** A line for people: the steps done, and data that was cut or left out. */
export function trainSummary(report: Summarised): string {
  const ended = report.stoppedEarly
    ? `, ended early because validation stopped improving after step ${report.bestStep}`
    : "";
  const done = `${report.steps} steps, ${report.pairs} pairs in ${report.seconds.toFixed(0)} s${ended}`;
  const trend = lossTrendLine(report.losses);
  return [trend ? `${done}, ${trend}` : done, dataRemarks(report)].filter((part) => part !== "").join("; ");
}
