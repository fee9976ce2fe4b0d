import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeJsonLines } from "../base/jsonl.ts";
import { readLines, readValue, writeValue } from "./files.ts";
import type { WrittenStats } from "./written.ts";

/** Files of a train-data artifact. */
const GROUPS = "groups.jsonl";
const VALIDATION = "validation.jsonl";
const HELDOUT = "heldout.jsonl";
const STATS = "stats.json";

/** One training question with its passages: what the cross-encoder learns to put in order. */
export interface TrainingGroup {
  question: string;
  /** Passage inputs (heading trail and text). `[0]` is the positive, the rest are negatives. */
  passages: string[];
  /** Retriever scores of `passages`, same length, on the scale of a logit: what is added to the logit when it serves. */
  teacher?: number[];
  /** Scores of `passages` by a teacher that does not serve, same length: what distillation and marginMse aim at. */
  scores?: number[];
}

/** A line of the generated question set: a line of a judged one, and where it came from. */
export interface HeldoutQuestion {
  id: string;
  query: string;
  kind: string;
  relevant: { path: string; heading: string; grade: 2; evidence?: string }[];
  generated: true;
  source: string;
}

/** What became of the questions an LLM wrote. */
export interface WrittenReport extends WrittenStats {
  /** Usable questions whose own section retrieval does not find: the passage may not answer them. */
  notFound: number;
  /** Questions that may be trained on, before the guard against judged ones. */
  kept: number;
}

/** Where the groups came from, beside the docs' own questions. */
export interface GroupStats {
  /** Of the groups and validation groups, those from the pairs file. */
  supplied: number;
  /** What became of the questions an LLM wrote; null: none was asked for. */
  written: WrittenReport | null;
}

/** What is trained on, and what the training is validated on. */
export interface TrainingGroups {
  groups: TrainingGroup[];
  validation: TrainingGroup[];
}

/** Content of a train-data artifact. */
export interface TrainingData<S extends GroupStats = GroupStats> extends TrainingGroups {
  /** Question set on pages that are kept out of training. */
  heldout: HeldoutQuestion[];
  stats: S;
}

/** Writes a train-data artifact. */
export async function writeTrainingData(outDir: string, data: TrainingData): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeJsonLines(join(outDir, GROUPS), data.groups);
  await writeJsonLines(join(outDir, VALIDATION), data.validation);
  await writeJsonLines(join(outDir, HELDOUT), data.heldout);
  await writeValue(outDir, STATS, data.stats);
}

/** Throws `CorruptArtifact`. */
export async function readTrainingGroups(dataDir: string): Promise<TrainingGroups> {
  return { groups: await groupsIn(dataDir, GROUPS), validation: await groupsIn(dataDir, VALIDATION) };
}

/** Throws `CorruptArtifact`. */
export function readGroupStats(dataDir: string): Promise<GroupStats> {
  return readValue<GroupStats>(dataDir, STATS);
}

/** The generated question set of a train-data artifact, a file as `loadQuestionSet` reads it. */
export function heldoutFile(dataDir: string): string {
  return join(dataDir, HELDOUT);
}

/** Leaves the groups that a reranker was trained on in its folder. */
export async function keepGroups(dataDir: string, trainDir: string): Promise<void> {
  await copyFile(join(dataDir, GROUPS), join(trainDir, GROUPS));
}

function groupsIn(dataDir: string, name: string): Promise<TrainingGroup[]> {
  return readLines<TrainingGroup>(join(dataDir, name), ({ passages }) => Array.isArray(passages));
}
