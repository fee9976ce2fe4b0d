import { z } from "zod";
import type { ArtifactRef } from "./artifacts.ts";
import type { EvaluationSummary, GateDecision } from "./evaluation.ts";
import { corpusSchema, docsAddressSchema } from "./given.ts";
import { modelChoiceSchema } from "./models.ts";
import { STAGES, type StageName } from "./names.ts";

/** No control character, which could reach a terminal or a log. */
const SHOWN = /^[^\p{Cc}\p{Zl}\p{Zp}]{1,4096}$/u;
const fileSchema = z.string().regex(SHOWN, "a path or address of 1 to 4,096 characters, none a control character");

const docsSchema = z.strictObject({
  path: fileSchema.describe(
    "Folder, `.tar.gz` or one page of docs, a git repository: `https://host/repo#ref`, `ssh://...`, `/repo#ref`, or a sitemap: `https://host/sitemap.xml`. The operator limits the allowed folders and hosts; by default, any folder of this machine is allowed.",
  ),
  name: corpusSchema
    .optional()
    .describe("Name of the corpus; releases of one name replace each other. Default: derived from the path."),
  baseUrl: docsAddressSchema
    .optional()
    .describe("Address the docs are published under. Links of passages start with it."),
});

const trainingSchema = z.strictObject({
  budgetMinutes: z
    .number()
    .nonnegative()
    .max(24 * 60)
    .optional()
    // Measured: docs/guide/train.md#what-training-gains
    .describe(
      "Wall-clock budget for the training loop, in minutes. 0 trains nothing. Default: 20 if `pairs`, `written` or accepted votes bring questions from outside the docs, or if training is forced; otherwise 0, because questions made from the docs taught nothing measurable.",
    ),
  // Measured: docs/guide/train.md#few-steps
  leastSteps: z
    .number()
    .int()
    .positive()
    .max(1_000_000)
    .default(100)
    .describe("Training is skipped if budget or docs allow fewer steps."),
  seed: z.number().int().nonnegative().default(17).describe("Seed of order, dropout and fresh weights."),
  strict: z.boolean().default(false).describe("Keep pages that answer the question set out of training."),
  pairs: fileSchema
    .optional()
    .describe(
      'JSONL of labelled pairs for training; a line is `{"query", "positive", "negatives": [...]}`. The file must lie where docs may. A pair that nearly repeats a question of the question set fails the run.',
    ),
  written: z
    .number()
    .int()
    .nonnegative()
    .max(100_000)
    .default(0)
    .describe(
      "Number of training questions that the operator's LLM writes, one for each passage, in five styles. The LLM then grades eight passages for each; questions that none answers are left out. 0: no text of the docs leaves the machine for training.",
    ),
});

/** Input of workflow `pipeline`. Every field except `docs` has a default; unknown keys are refused. */
export const pipelineInputSchema = z.strictObject({
  docs: docsSchema.default({ path: "samples/docs" }).describe("Source of the docs."),
  questions: fileSchema
    .optional()
    .describe(
      "JSONL question set, which must lie where docs may. Default: questions generated on held-out pages, or on all pages of docs too small to hold any out.",
    ),
  models: modelChoiceSchema
    .prefault({})
    .describe(
      "Models to build with, by installed name: `winnow models add` installs one, `winnow models list` lists them.",
    ),
  until: z.enum(STAGES).default("deploy").describe("Last stage to run."),
  only: z.enum(STAGES).optional().describe("Run only this stage, on existing artifacts."),
  force: z.array(z.enum(STAGES)).default([]).describe("Stages to run even if their cached result is valid."),
  training: trainingSchema.prefault({}).describe("Training of the reranker."),
  retrain: z
    .enum(["auto", "always", "never"])
    .default("auto")
    .describe(
      "Whether a run with a champion trains again. `auto` trains in any of these cases: a tenth of the passages is new since the last training; nDCG@10 fell by 0.02 on the questions that both versions answer; the reranker is 90 days old and something is new; questions, options, base model or training code changed. Otherwise only index and calibration are updated.",
    ),
  falseAnswers: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Largest share of unanswerable questions that may be answered; the threshold is the lowest that meets it. Default: the threshold that minimises the sum of false-answer and false-refusal rates.",
    ),
  gate: z
    .enum(["auto", "manual"])
    .default("auto")
    .describe(
      "`manual`: a candidate waits for a person's approval if the gate accepts it, or refuses it only for must-pass questions.",
    ),
  approvalHours: z
    .number()
    .positive()
    .max(90 * 24)
    .default(7 * 24)
    .describe("Hours that a candidate waits for approval. After that it is kept, not promoted."),
});
export type PipelineInput = z.infer<typeof pipelineInputSchema>;

/** Report of one stage: its result, and why it ran or was skipped. */
export interface StageReport {
  name: StageName;
  skipped: boolean;
  why: string;
  seconds: number;
  /** Counts and metrics in one line. */
  summary: string;
}

/** Version of a docs source: the digest of a folder's, archive's or site's pages, or the commit of a git repository. */
export interface SourceVersion {
  kind: "folder" | "archive" | "git" | "site";
  version: string;
}

/** Changes of a docs version against the champion's. */
export interface CorpusChanges {
  /** Release that was compared with. */
  against: string;
  pages: { added: number; changed: number; removed: number; same: number };
  /** Compared by text: `fresh` passages are new in this version, `gone` ones exist only in the champion's. */
  passages: { total: number; fresh: number; gone: number };
  /** The first pages of each kind. `changes.json` of the artifact lists all. */
  examples: { added: string[]; changed: string[]; removed: string[] };
  ref: ArtifactRef;
}

/** A release that serves before training and evaluation. */
export interface FirstRelease {
  /** Null if none serves. */
  release: string | null;
  why: string;
}

export interface PipelineResult {
  /** `unchanged`: docs, questions, options and code equal those of an earlier run, and this is its outcome. */
  status: "completed" | "unchanged" | "already running";
  workflowId: string;
  corpus: string;
  release: string | null;
  promoted: boolean;
  reason: string;
  /** Resolved version of the docs source. */
  source: SourceVersion | null;
  /** Page diff against the champion; null for the first run. */
  changes: CorpusChanges | null;
  /** Whether the reranker was trained, and by which part of the rule or for lack of which time. */
  retrain: { train: boolean; why: string } | null;
  stages: StageReport[];
  evaluation: EvaluationSummary | null;
  gate: GateDecision | null;
  /** Workflow in which the candidate waits for approval; null if none is required. */
  approval: string | null;
  /** The release that served before it was measured; null if a measured one served already, or for a part of a run. */
  first: FirstRelease | null;
  /** Artifact of each stage that ran or was reused. */
  artifacts: Partial<Record<StageName, ArtifactRef>>;
}

/** Argument of the signal `stageProgress`. */
export interface StageProgress {
  stage: StageName;
  /** Progress in one line: step count, loss, time left. */
  note: string;
}

/** Result of the query `progress`. */
export interface PipelineProgress {
  stage: StageName | null;
  /** Last note of the running stage; its heartbeat is newer. */
  note: string | null;
  stages: StageReport[];
  /** The release that serves before it is measured, as in `PipelineResult`; null before it is decided. */
  first: FirstRelease | null;
  /** Artifacts that the run has made or reused so far, and the models that it builds with. */
  artifacts: ArtifactRef[];
}
