import { z } from "zod";
import type { ArtifactRef } from "./artifacts.ts";
import type { EvaluationSummary, GateDecision } from "./evaluation.ts";
import { STAGES, type StageName } from "./names.ts";

const docsSchema = z.strictObject({
  /**
   * Folder or `.tar.gz` of Markdown, or a git repository: `https://host/repo#ref`, `ssh://...`, `/repo#ref`. The operator
   * says which folders and hosts may be named; the default is any folder of this machine.
   */
  path: z.string().min(1),
  /** Name of the corpus: releases with the same name replace each other. Default: from the path. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "lower-case letters, digits, dot, dash, underscore")
    .optional(),
  /** Address the docs are published under; passages link below it. */
  baseUrl: z.string().optional(),
});

const trainingSchema = z.strictObject({
  /** Wall-clock budget for the training loop, in minutes. */
  budgetMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .default(20),
  seed: z.number().int().nonnegative().default(17),
  /** Keep pages that answer the question set out of training. */
  strict: z.boolean().default(false),
  /**
   * JSONL of labelled pairs to train on too; a line is `{"query", "positive", "negatives": [...]}`. It must lie where docs
   * may; a pair that nearly asks a question of the question set fails the run.
   */
  pairs: z.string().min(1).optional(),
  /**
   * Questions to have written by the operator's LLM, one a passage, and trained on too where retrieval finds the passage
   * again. 0: nothing of the docs leaves the machine for training.
   */
  written: z.number().int().nonnegative().max(100_000).default(0),
});

/** Input of workflow `pipeline`. Every field but the docs has a default; unknown keys are refused. */
export const pipelineInputSchema = z.strictObject({
  docs: docsSchema.default({ path: "samples/docs" }),
  /** JSONL question set, which must lie where docs may; where absent, questions generated on held-out pages take its place. */
  questions: z.string().min(1).optional(),
  /** Last stage to run. */
  until: z.enum(STAGES).default("deploy"),
  /** Run this stage alone, on the artifacts that are there. */
  only: z.enum(STAGES).optional(),
  /** Stages to run although their cached result is valid. */
  force: z.array(z.enum(STAGES)).default([]),
  training: trainingSchema.prefault({}),
  /**
   * Whether a run with a champion trains again. `auto`: when a tenth of the passages is new since the reranker was
   * trained, when nDCG@10 fell by 0.02 on the questions both versions answer, when it is 90 days old and something is
   * new, or when questions, options, base model or training code changed. Otherwise index and calibration are updated.
   */
  retrain: z.enum(["auto", "always", "never"]).default("auto"),
  /**
   * Share of the questions that nothing answers which may be answered all the same: the threshold is then the lowest that
   * keeps to it. Default: where the rates of false answers and false refusals are least together.
   */
  falseAnswers: z.number().min(0).max(1).optional(),
  /** `manual`: what the gate lets through, or keeps back only for a must-pass question, waits for a person's approval. */
  gate: z.enum(["auto", "manual"]).default("auto"),
  /** How long it waits, in hours; then the candidate is kept, not promoted. */
  approvalHours: z
    .number()
    .positive()
    .max(90 * 24)
    .default(7 * 24),
});
export type PipelineInput = z.infer<typeof pipelineInputSchema>;

/** What one stage did, and why it ran or was skipped. */
export interface StageReport {
  name: StageName;
  skipped: boolean;
  why: string;
  seconds: number;
  /** One line for people: counts and metrics. */
  summary: string;
}

/** One version of a docs source: the digest of a folder's or archive's pages, or the commit of a git repository. */
export interface SourceVersion {
  kind: "folder" | "archive" | "git";
  version: string;
}

/** What a version of the docs has that the champion's has not. */
export interface CorpusChanges {
  /** Release compared with. */
  against: string;
  pages: { added: number; changed: number; removed: number; same: number };
  /** By text: `fresh` are in this version only, `gone` in the champion's only. */
  passages: { total: number; fresh: number; gone: number };
  /** The first pages of each kind; `changes.json` of the artifact lists all. */
  examples: { added: string[]; changed: string[]; removed: string[] };
  ref: ArtifactRef;
}

export interface PipelineResult {
  /** `unchanged`: docs, questions, options and code are those of an earlier run, whose outcome this is. */
  status: "completed" | "unchanged" | "already running";
  workflowId: string;
  corpus: string;
  release: string | null;
  promoted: boolean;
  reason: string;
  /** What the docs' source resolved to. */
  source: SourceVersion | null;
  /** Page diff against the champion; null for the first run. */
  changes: CorpusChanges | null;
  /** Whether the reranker was trained, and by which part of the rule. */
  retrain: { train: boolean; why: string } | null;
  stages: StageReport[];
  evaluation: EvaluationSummary | null;
  gate: GateDecision | null;
  /** Workflow in which the candidate waits for a person's approval; null: none is asked for. */
  approval: string | null;
  /** Artifact of each stage that ran or was found. */
  artifacts: Partial<Record<StageName, ArtifactRef>>;
}

/** Argument of the signal `stageProgress`. */
export interface StageProgress {
  stage: StageName;
  /** A line for people: step of steps, loss, time left. */
  note: string;
}

/** Answer of the query `progress`. */
export interface PipelineProgress {
  stage: StageName | null;
  /** What the running stage last told of itself; its heartbeat is newer. */
  note: string | null;
  stages: StageReport[];
  /** What the run has made or found so far. */
  artifacts: ArtifactRef[];
}
