import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { fileDigest, folderDigest } from "../core/base/folderDigest.ts";
import { lossTrend, lossTrendLine } from "../core/training/loop/lossTrend.ts";
import { dataRemarks } from "../core/training/loop/teachable.ts";
import type { TrainingReport } from "../core/training/loop/trainingReport.ts";
import { writtenLine } from "../core/training/questions/written/check.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";

export interface CorpusRefs {
  ingest: ArtifactRef;
  embed: ArtifactRef[];
  buildIndex: ArtifactRef;
}

export interface PrepareInput extends CorpusRefs {
  corpus: string;
  /** Judged question set: what it asks is kept out of training. */
  questions: string | null;
  /** The operator's labelled pairs; null: none. */
  pairs: string | null;
  /** Artifact of `writeQuestions`; null: none. */
  written?: ArtifactRef | null;
  /** Artifacts of `mineShard`; none: all is mined here. */
  mined?: ArtifactRef[];
  strict: boolean;
  seed: number;
  mode: StepMode;
}

export interface TrainInput {
  corpus: string;
  /** Artifact of `prepareTraining`. */
  data: ArtifactRef;
  budgetMinutes: number;
  seed: number;
  mode: StepMode;
}

export interface TrainFacts {
  steps: number;
  firstLoss: number | null;
  lastLoss: number | null;
}

/** Folders of a corpus's artifacts, checked. */
export async function corpusDirs({ store }: StageDeps, refs: CorpusRefs) {
  return {
    ingestDir: await store.resolve(refs.ingest),
    embedDirs: await Promise.all(refs.embed.map((ref) => store.resolve(ref))),
    buildIndexDir: await store.resolve(refs.buildIndex),
  };
}

/** Digests of what retrieval reads, as step inputs. */
export function corpusInputs({ ingest, embed, buildIndex }: CorpusRefs): Record<string, string> {
  return { passages: ingest.sha256, vectors: embed.map((ref) => ref.sha256).join(" "), index: buildIndex.sha256 };
}

export function createPrepareActivities(deps: StageDeps) {
  return {
    /** Training questions with mined negatives, split by page, and held-out questions. */
    async prepareTraining(input: PrepareInput) {
      const { questions, pairs, written, mined = [], strict, seed } = input;
      return runStep<{ groups: number }>(deps, {
        ...(await preparationStep(deps, input)),
        async work(outDir, pulse) {
          const dirs = await corpusDirs(deps, input);
          const writtenDir = written ? await deps.store.resolve(written) : null;
          const minedDirs = await Promise.all(mined.map((ref) => deps.store.resolve(ref)));
          const files = { questionsFile: questions, pairsFile: pairs, writtenDir, minedDirs };
          const modelDir = deps.models.embedder;
          const args = { ...dirs, ...files, modelDir, strict, seed, outDir };
          const report = await deps.compute("prepareTraining", args, pulse);
          const summary = `${report.groups} questions with negatives`;
          const line = report.written ? `; ${writtenLine(report.written)}` : "";
          return { summary: `${summary}${line}`, facts: { groups: report.groups } };
        },
      });
    },
  };
}

/** What identifies the training data of a corpus. */
export async function preparationStep(deps: StageDeps, input: PrepareInput) {
  const { corpus, questions, pairs, written, strict, seed, mode } = input;
  return {
    name: "train-data" as const,
    stage: "train" as const,
    corpus,
    mode,
    inputs: {
      ...corpusInputs(input),
      embedder: await folderDigest(deps.models.embedder),
      questions: questions ? await fileDigest(questions) : "none",
      pairs: pairs ? await fileDigest(pairs) : "none",
      ...(written ? { written: written.sha256 } : {}),
    },
    options: { strict, seed },
  };
}

export function createTrainActivities(deps: StageDeps) {
  const checkpointsOf = (key: string) => join(deps.home, "checkpoints", key);
  return {
    /** Fine-tunes the reranker; resumes from its checkpoint after a crash. */
    async train({ corpus, data, budgetMinutes, seed, mode }: TrainInput) {
      const baseDir = deps.models.base;
      return runStep<TrainFacts>(deps, {
        name: "train",
        stage: "train",
        corpus,
        mode,
        inputs: { data: data.sha256, base: await folderDigest(baseDir) },
        options: { budgetMinutes, seed },
        async work(outDir, pulse, key) {
          const dataDir = await deps.store.resolve(data);
          const checkpointDir = checkpointsOf(key);
          const args = { dataDir, baseDir, outDir, checkpointDir, budgetMinutes, seed };
          const report = await deps.compute("train", args, pulse);
          await copyFile(join(dataDir, "groups.jsonl"), join(outDir, "groups.jsonl"));
          const trend = lossTrend(report.losses);
          const facts = { steps: report.steps, firstLoss: trend?.first ?? null, lastLoss: trend?.last ?? null };
          return { summary: trainSummary(report), facts };
        },
        recorded: (key) => rm(checkpointsOf(key), { recursive: true, force: true }),
      });
    },
  };
}

type Summarised = Pick<TrainingReport, "steps" | "seconds" | "stoppedEarly" | "bestStep" | "losses"> &
  Parameters<typeof dataRemarks>[0];

/** A line for people: what was done, and what of the data was not read as it was given. */
export function trainSummary(report: Summarised): string {
  const ended = report.stoppedEarly ? `, ended since validation got no better after step ${report.bestStep}` : "";
  const done = `${report.steps} steps, ${report.pairs} pairs in ${report.seconds.toFixed(0)} s${ended}`;
  const trend = lossTrendLine(report.losses);
  return [trend ? `${done}, ${trend}` : done, dataRemarks(report)].filter((part) => part !== "").join("; ");
}
