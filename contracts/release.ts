import { z } from "zod";
import type { ArtifactRef } from "./artifacts.ts";
import type { EvaluationSummary, GateDecision } from "./evaluation.ts";
import { corpusSchema, releaseSchema } from "./given.ts";
import type { NamedModel } from "./models.ts";
import type { Ranking } from "./passage.ts";

/** When, on which docs and how a reranker was trained. A release that reuses the reranker keeps the record. */
export interface TrainingRecord {
  at: string;
  ingest: ArtifactRef;
  /** The model that training started from; absent in records from before models had names. */
  base?: NamedModel;
  /** Digests and options by name. */
  basis: Record<string, string>;
}

/** The weights that serve. */
export interface ServingReranker {
  role: "tuned" | "untrained";
  ref: ArtifactRef;
}

/**
 * `release.json` of a release: everything that serves, fixed by digest. A first release serves before it is measured: its
 * rerankers, training, evaluation and evaluate artifact are null, and it has a `calibration`.
 */
export interface ReleaseManifest {
  schema: 1;
  corpus: string;
  createdAt: string;
  /** Source of the docs, and the digest of their pages. */
  source: { path: string; digest: string; pages: number; passages: number };
  ranking: Ranking;
  /** The model that embedded the passages and embeds the questions. */
  embedder: ArtifactRef;
  /**
   * Names of the embedder and of the model that the reranker started from, which is null in a release that is not
   * measured. Absent in releases from before models had names.
   */
  models?: { embedder: NamedModel; reranker: NamedModel | null };
  /** Artifacts of the stages: passages, vectors, index. */
  ingest: ArtifactRef;
  embed: ArtifactRef[];
  buildIndex: ArtifactRef;
  /** The tuned reranker; null if nothing was trained. */
  train: ArtifactRef | null;
  untrained: ArtifactRef | null;
  /** The evaluation, with the calibrations that serve. */
  evaluate: ArtifactRef | null;
  /** The calibration of a release that is not measured; absent otherwise. */
  calibration?: ArtifactRef;
  /** The reranker that serves if `ranking` is `reranked`: one of the two above. */
  reranker: ServingReranker | null;
  /** How the reranker was trained. */
  training: TrainingRecord | null;
  gate: GateDecision;
  /** Null if the release is not measured. */
  evaluation: EvaluationSummary | null;
}

/** Manifest of a release that was measured. */
export interface MeasuredManifest extends ReleaseManifest {
  untrained: ArtifactRef;
  evaluate: ArtifactRef;
  reranker: ServingReranker;
  training: TrainingRecord;
  evaluation: EvaluationSummary;
}

/** One line of `winnow releases`. */
export interface ReleaseSummary {
  id: string;
  corpus: string;
  createdAt: string;
  ranking: Ranking;
  champion: boolean;
  promoted: boolean;
  /** `winnow gc` removed its artifacts: it can be read, but cannot serve again. */
  retired: boolean;
  /** Serves before it is measured; absent otherwise. */
  unmeasured?: true;
  ndcg: number | null;
  reason: string;
  /** As in the manifest. */
  models?: ReleaseManifest["models"];
}

const decidedSchema = z.strictObject({
  by: z.string().trim().min(1).max(200).optional().describe("Name of the person who decides; default: the workflow."),
  reason: z.string().trim().min(1).max(1000).optional().describe("Why, for the ledger."),
  expected: releaseSchema
    .nullable()
    .optional()
    .describe(
      "Champion that the decision assumes, by id or the start of it; null for none. If another one serves, nothing changes.",
    ),
});

/** Input of workflow `promote`, which makes a release the champion of its corpus even if its gate refused. */
export const promoteInputSchema = decidedSchema.extend({
  release: releaseSchema.describe("Release to promote, by id or the start of it."),
});
export type PromoteInput = z.infer<typeof promoteInputSchema>;

/** Input of workflow `rollback`. */
export const rollbackInputSchema = decidedSchema.extend({
  corpus: corpusSchema.optional().describe("Default: the only corpus."),
  to: releaseSchema.optional().describe("A release that served before; default: the previous champion."),
});
export type RollbackInput = z.infer<typeof rollbackInputSchema>;

/** Result of the workflows `promote` and `rollback`. */
export interface ChampionResult {
  corpus: string;
  release: string;
  kind: "promotion" | "rollback";
  /** The previous champion; null if there was none. */
  replaced: string | null;
  /** False if the release already serves. */
  changed: boolean;
  by: string;
  reason: string;
}

/** Argument of the updates `approve` and `reject` of workflow `approval`. */
export interface ApprovalDecision {
  /** Name of the person who decides. */
  by: string;
  reason?: string;
  /** Candidate of the decision, by id or the start of it. If another one waits, nothing changes. */
  release?: string;
}

/** Result of workflow `approval`, and of its updates. */
export interface ApprovalResult {
  corpus: string;
  release: string;
  /** `failed`: approved, but it could not be promoted; `reason` says why. */
  outcome: "approved" | "rejected" | "timed out" | "superseded" | "failed";
  by: string | null;
  reason: string;
}
