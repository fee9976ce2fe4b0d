import type { ArtifactRef } from "./artifacts.ts";
import type { EvaluationSummary, GateDecision } from "./evaluation.ts";
import type { Ranking } from "./passage.ts";

/** `release.json` of a release: everything that serves, fixed by digest. */
export interface ReleaseManifest {
  schema: 1;
  corpus: string;
  createdAt: string;
  /** Where the docs came from and the digest of their pages. */
  source: { path: string; digest: string; pages: number; passages: number };
  ranking: Ranking;
  /** Artifacts of the stages: passages, vectors, index, reranker, evaluation. */
  ingest: ArtifactRef;
  embed: ArtifactRef[];
  buildIndex: ArtifactRef;
  train: ArtifactRef;
  evaluate: ArtifactRef;
  gate: GateDecision;
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
  ndcg: number | null;
  reason: string;
}
