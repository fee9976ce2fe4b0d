import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LabelFate, UsedLabel } from "../../contracts/labels.ts";
import { writeJsonLines } from "../base/jsonl.ts";
import { readLines, readValue, writeValue } from "./files.ts";
import type { GradedStats } from "./written.ts";

/** Files of a train-data artifact. One of `heldout` has only `HELDOUT` and `STATS`. */
const GROUPS = "groups.jsonl";
const VALIDATION = "validation.jsonl";
const HELDOUT = "heldout.jsonl";
const STATS = "stats.json";
const LABELS = "labels.jsonl";

/** One training question with its passages, which the cross-encoder learns to rank. */
export interface TrainingGroup {
  question: string;
  /** Inputs per passage (heading trail and text). `[0]` is the positive, the rest are negatives. */
  passages: string[];
  /** Retriever scores, one per passage, on the scale of a logit. They are added to the logit when the model serves. */
  teacher?: number[];
  /**
   * Teacher scores, one per passage: targets of distillation and MarginMSE, for `graded` each passage's P(relevant). Not
   * added to the served score.
   */
  scores?: number[];
  /** Added to the logits inside the loss `graded`, one per passage: what else the served score knows. */
  prior?: number[];
}

/** A line of the generated question set: a line of a judged set plus its source. */
export interface HeldoutQuestion {
  id: string;
  query: string;
  kind: string;
  relevant: { path: string; heading: string; grade: 2; evidence?: string }[];
  generated: true;
  source: string;
}

/** Counts of the LLM-written questions. */
export interface WrittenReport extends GradedStats {
  /** Questions left for training, before the filter against judged questions. */
  kept: number;
}

/** Sources of the groups other than the docs' own questions. */
export interface GroupStats {
  /** Groups and validation groups from the pairs file. */
  supplied: number;
  /** Counts of the LLM-written questions; null if none were requested. */
  written: WrittenReport | null;
  /** No page gives held-out questions and there is no question set, so the questions are about all pages. */
  allPages?: true;
  /** Labels of accepted votes by their fate; absent if there are none. */
  votes?: Partial<Record<LabelFate, number>>;
}

/** Training groups and validation groups. */
export interface TrainingGroups {
  groups: TrainingGroup[];
  validation: TrainingGroup[];
}

/** Content of a train-data artifact. */
export interface TrainingData<S extends GroupStats = GroupStats> extends TrainingGroups {
  /** Question set from pages that are excluded from training. */
  heldout: HeldoutQuestion[];
  stats: S;
  /** What became of each label of an accepted vote. Default: there are none. */
  labels?: readonly UsedLabel[];
}

export async function writeTrainingData(outDir: string, data: TrainingData): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeJsonLines(join(outDir, GROUPS), data.groups);
  await writeJsonLines(join(outDir, VALIDATION), data.validation);
  await writeJsonLines(join(outDir, HELDOUT), data.heldout);
  await writeValue(outDir, STATS, data.stats);
  if (data.labels && data.labels.length > 0) await writeJsonLines(join(outDir, LABELS), data.labels);
}

/** Writes an artifact that holds the generated question set alone, for a run that trains nothing. */
export async function writeHeldout(
  outDir: string,
  heldout: readonly HeldoutQuestion[],
  stats: Pick<GroupStats, "allPages">,
): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeJsonLines(join(outDir, HELDOUT), heldout);
  await writeValue(outDir, STATS, stats);
}

/** Labels of accepted votes that an artifact was made with, with their fates. Throws `CorruptArtifact`. */
export async function readUsedLabels(dir: string): Promise<UsedLabel[]> {
  return existsSync(join(dir, LABELS)) ? readLines<UsedLabel>(join(dir, LABELS)) : [];
}

/** Throws `CorruptArtifact`. */
export async function readTrainingGroups(dataDir: string): Promise<TrainingGroups> {
  return { groups: await groupsIn(dataDir, GROUPS), validation: await groupsIn(dataDir, VALIDATION) };
}

/** Throws `CorruptArtifact`. */
export function readGroupStats(dataDir: string): Promise<GroupStats> {
  return readValue<GroupStats>(dataDir, STATS);
}

/** True if an artifact's generated questions are about all pages. Throws `CorruptArtifact`. */
export async function areAboutAllPages(dataDir: string): Promise<boolean> {
  return (await readValue<Pick<GroupStats, "allPages">>(dataDir, STATS)).allPages === true;
}

/** The generated question set of an artifact of training data or of questions alone, in the format of `loadQuestionSet`. */
export function heldoutFile(dataDir: string): string {
  return join(dataDir, HELDOUT);
}

/** Copies the groups that a reranker was trained on, and the fates of labels, into its folder. */
export async function keepGroups(dataDir: string, trainDir: string): Promise<void> {
  await copyFile(join(dataDir, GROUPS), join(trainDir, GROUPS));
  if (existsSync(join(dataDir, LABELS))) await copyFile(join(dataDir, LABELS), join(trainDir, LABELS));
}

function groupsIn(dataDir: string, name: string): Promise<TrainingGroup[]> {
  return readLines<TrainingGroup>(join(dataDir, name), ({ passages }) => Array.isArray(passages));
}
