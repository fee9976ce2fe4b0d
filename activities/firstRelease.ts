import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { ReleaseManifest } from "../contracts/release.ts";
import { championOf } from "../core/stages/champion.ts";
import type { CorpusRefs, ModelNames } from "../core/stages/corpusRefs.ts";
import type { IngestFacts } from "../core/stages/ingest.ts";
import { measured, type Release, type Releases } from "../core/storage/releases.ts";

export interface FirstInput extends CorpusRefs {
  corpus: string;
}

/** Whether a release may serve before it is measured. */
export type FirstPlan =
  | { serve: false; why: "measured" }
  /** A release of these very artifacts serves unmeasured: an earlier run was cut short. */
  | { serve: false; why: "serving"; release: string }
  /** `champion` is null, or a release of older docs that was never measured. */
  | { serve: true; champion: string | null };

export interface CommitFirstInput extends FirstInput {
  names: Pick<ModelNames, "embedder">;
  docsPath: string;
  source: IngestFacts;
  calibration: ArtifactRef;
  /** ISO time, set by the workflow: a retried attempt makes the same release. */
  createdAt: string;
}

/** Reason of a first release's promotion, in manifest and ledger. */
const REASON = "first release, not measured yet: retrieval serves until a measured release passes the gate";

export function createFirstReleaseActivities({ releases }: { releases: Releases }) {
  return {
    /** Decides whether this corpus still lacks a release that serves. */
    async planFirst({ corpus, ...refs }: FirstInput): Promise<FirstPlan> {
      const champion = await championOf(releases, corpus);
      if (measured(champion)) return { serve: false, why: "measured" };
      if (champion && isMadeOf(champion, refs)) return { serve: false, why: "serving", release: champion.id };
      return { serve: true, champion: champion?.id ?? null };
    },

    /** Keeps a release of what exists before training and evaluation. */
    async commitFirst(input: CommitFirstInput): Promise<{ release: string; reason: string }> {
      return { release: (await releases.commit(manifestOf(input))).id, reason: REASON };
    },
  };
}

function isMadeOf({ manifest }: Release, refs: CorpusRefs): boolean {
  const digests = ({ embedder, ingest, embed, buildIndex }: CorpusRefs) =>
    [embedder, ingest, ...embed, buildIndex].map(({ sha256 }) => sha256).join();
  return digests(manifest) === digests(refs);
}

function manifestOf(input: CommitFirstInput): ReleaseManifest {
  const { corpus, createdAt, docsPath, source, calibration } = input;
  const { embedder, ingest, embed, buildIndex } = input;
  const { digest, pages, passages } = source;
  return {
    schema: 1,
    corpus,
    createdAt,
    source: { path: docsPath, digest, pages, passages },
    ranking: "retrieval",
    ...{ embedder, ingest, embed, buildIndex, train: null, untrained: null, evaluate: null, calibration },
    models: { embedder: { name: input.names.embedder, digest: embedder.sha256 }, reranker: null },
    reranker: null,
    training: null,
    gate: { promoted: true, ranking: "retrieval", reason: REASON, criteria: [] },
    evaluation: null,
  };
}
