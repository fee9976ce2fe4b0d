import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CalibrationUse, EvaluationSummary } from "../../contracts/evaluation.ts";
import type { LabelEffect } from "../../contracts/labels.ts";
import type { Limits, Ranking } from "../../contracts/passage.ts";
import { writeJsonLines } from "../base/jsonl.ts";
import type { Assessment } from "../judging/assess.ts";
import { type Calibrations, parseCalibrations } from "../judging/calibration.ts";
import type { GateEvidence } from "../judging/gate.ts";
import { type AskDecision, decisionOf } from "../judging/limits.ts";
import type { RecallCurve } from "../judging/recallByDepth.ts";
import { readLines, readValue, writeValue } from "./files.ts";

/** Files of an evaluate artifact. */
const SUMMARY = "evaluation.json";
const CALIBRATION = "calibration.json";
const QUESTIONS = "questions.jsonl";
/** Facts of a calibration that stands alone. */
const FITTED_ON = "fittedOn.json";
export const REPORT_FILE = "report.html";

/** Settings of an evaluation. */
export interface EvaluationSettings {
  /** Candidates per question. */
  depth: number;
  /** Bootstrap resamples. */
  resamples: number;
  seed: number;
}

/** The summary of an evaluation, and its evidence. */
export interface EvaluationFile extends EvaluationSummary {
  details: {
    evidence: GateEvidence;
    ranking: Ranking;
    abstention: Assessment["abstention"];
    recallByDepth: RecallCurve[];
    /** Latency per question of the candidate as it serves, in milliseconds; `null` without a candidate. */
    latency: { p50: number; p95: number } | null;
    staleQuestions: string[];
    /** Ids of the questions that are counted as `trained`; absent without any. */
    trainedQuestions?: string[];
    goneJudgments: number;
    settings: EvaluationSettings;
    /** SHA-256 of the question set's file. */
    questionSet: string;
    calibration: CalibrationUse;
    /** How the passages of accepted votes were ranked before and after; absent without any. */
    votes?: readonly LabelEffect[];
  };
}

/** One question: metrics of every row, the first served passage, and what `ask` would do. */
export interface QuestionLine {
  id: string;
  kind: string;
  query: string;
  mustPass: boolean;
  stale: boolean;
  metrics: Record<string, Record<string, number>>;
  served: Partial<Record<Ranking, ServedLine>>;
}

export interface ServedLine {
  top: { id: string; page: string; heading: string[]; relevance: number; relevant: boolean } | null;
  best: number;
  threshold: number;
  /** By the limits. Evaluations without `unsure` went by the threshold alone. */
  refused: boolean;
  unsure?: boolean;
  mustPassPassed: boolean | null;
}

/** Limits that a ranking serves with. An evaluation made before there were limits has its threshold alone. */
export function servingLimits({ abstention }: EvaluationFile["details"], ranking: Ranking): Limits {
  const { threshold = 0, limits } = abstention[ranking] ?? {};
  return limits ?? { refuse: threshold, answer: threshold };
}

/** What the evaluation found `ask` to do; by the serving limits if the line is older than its `unsure`. */
export function decisionIn({ best, refused, unsure }: ServedLine, limits: Limits): AskDecision {
  if (unsure === undefined) return decisionOf(limits, best);
  return refused ? "refuse" : unsure ? "unsure" : "answer";
}

/** Content of an evaluate artifact. */
export interface EvaluationContent {
  evaluation: EvaluationFile;
  calibrations: Calibrations;
  questions: QuestionLine[];
  /** The report, as HTML. */
  report: string;
}

export async function writeEvaluation(outDir: string, content: EvaluationContent): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeValue(outDir, SUMMARY, content.evaluation);
  await writeValue(outDir, CALIBRATION, content.calibrations);
  await writeJsonLines(join(outDir, QUESTIONS), content.questions);
  await writeFile(join(outDir, REPORT_FILE), content.report);
}

/** The questions that a calibration without an evaluation was fitted on. */
export interface FittedOn {
  source: EvaluationSummary["source"];
  questions: number;
  /** SHA-256 of the question set's file; null for generated questions, which have no file. */
  questionSet: string | null;
}

/** Writes a calibration without an evaluation: that of a release which serves before it is measured. */
export async function writeCalibration(outDir: string, calibrations: Calibrations, fittedOn: FittedOn): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeValue(outDir, CALIBRATION, calibrations);
  await writeValue(outDir, FITTED_ON, fittedOn);
}

/** SHA-256 of the question set that an artifact's calibrations were fitted on, or null. Throws `CorruptArtifact`. */
export async function calibratedOn(dir: string): Promise<string | null> {
  if (!existsSync(join(dir, FITTED_ON))) return (await readEvaluation(dir)).details.questionSet;
  return (await readValue<FittedOn>(dir, FITTED_ON)).questionSet;
}

/** Reads the summary of an evaluation and its evidence. Throws `CorruptArtifact`. */
export function readEvaluation(evaluateDir: string): Promise<EvaluationFile> {
  return readValue(evaluateDir, SUMMARY, (value) => {
    const file = value as EvaluationFile | null;
    if (typeof file?.details?.questionSet === "string") return file;
    throw new Error("it is not an evaluation");
  });
}

/** Reads the questions of an evaluation. Throws `CorruptArtifact`. */
export function readQuestionLines(evaluateDir: string): Promise<QuestionLine[]> {
  return readLines<QuestionLine>(join(evaluateDir, QUESTIONS));
}

/** Reads the calibrations that a release serves with. Throws `CorruptArtifact`. */
export function readCalibrations(evaluateDir: string): Promise<Calibrations> {
  return readValue(evaluateDir, CALIBRATION, parseCalibrations);
}
