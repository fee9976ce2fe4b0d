import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { GateDecision } from "../contracts/evaluation.ts";
import type { MeasuredManifest, TrainingRecord } from "../contracts/release.ts";
import { REPORT_FILE } from "../core/artifacts/evaluation.ts";
import { WinnowError } from "../core/base/errors.ts";
import { decide, type GateInput } from "../core/judging/gate.ts";
import { championOf, serves } from "../core/stages/champion.ts";
import type { CorpusRefs, ModelNames, RerankerRefs } from "../core/stages/corpusRefs.ts";
import type { EvaluateFacts } from "../core/stages/evaluate.ts";
import type { IngestFacts } from "../core/stages/ingest.ts";
import {
  type ChampionChange,
  type MeasuredRelease,
  measured,
  type Releases,
  servedNdcg,
} from "../core/storage/releases.ts";

export interface DecideInput extends CorpusRefs, RerankerRefs {
  corpus: string;
  names: Pick<ModelNames, "embedder">;
  docsPath: string;
  source: IngestFacts;
  training: TrainingRecord;
  evaluate: ArtifactRef;
  evaluation: EvaluateFacts;
  /** ISO time, set by the workflow: a retried attempt makes the same release. */
  createdAt: string;
}

export interface Verdict {
  release: string;
  gate: GateDecision;
  /** The champion, which the gate compared with if it is measured; promotion applies only while it serves. */
  champion: string | null;
  /** nDCG@10 of the served ranking. */
  ndcg: number | null;
  /** True if the gate promotes, or refuses only because of must-pass questions, which a person may accept. */
  approvable: boolean;
  /** Evaluation report of the candidate: a path, or the URL of an object. */
  report: string;
  /** True if the champion is made of exactly these artifacts, so there is nothing to deploy. */
  serving: boolean;
}

export interface ChampionInput extends ChampionChange {
  release: string;
}

export interface DeployDeps {
  releases: Releases;
  /** Location of the artifacts: a folder, or the URL of a bucket. */
  artifacts: string;
}

export function createDeployActivities({ releases, artifacts }: DeployDeps) {
  const verdictOn = ({ id, manifest }: MeasuredRelease): Pick<Verdict, "release" | "gate" | "ndcg" | "report"> => ({
    release: id,
    gate: manifest.gate,
    ndcg: servedNdcg(manifest),
    report: [artifacts, "evaluate", manifest.evaluate.sha256, REPORT_FILE].join("/"),
  });
  return {
    /** Returns the gate's verdict. The release is kept in either case. */
    async decideRelease(input: DecideInput): Promise<Verdict> {
      const serving = await championOf(releases, input.corpus);
      const champion = measured(serving);
      if (champion && serves(champion, input) && champion.manifest.evaluate.sha256 === input.evaluate.sha256)
        return { ...verdictOn(champion), champion: champion.id, approvable: false, serving: true };
      requireSameChampion(champion, input);
      const asked: GateInput = {
        evidence: input.evaluation.evidence,
        champion: champion && { ranking: champion.manifest.ranking },
        corpusChanged: champion?.manifest.source.digest !== input.source.digest,
        retrained: !champion || rerankersOf(champion.manifest) !== rerankersOf(input),
      };
      const manifest = manifestOf(input, decide(asked));
      const release = { ...(await releases.commit(manifest)), manifest };
      const approvable = decide({ ...asked, approvedBy: "a person" }).promoted;
      return { ...verdictOn(release), champion: serving?.id ?? null, approvable, serving: false };
    },

    /** Moves the champion pointer if the champion is still the one that the gate compared with. */
    async promote({ release, ...change }: ChampionInput): Promise<void> {
      await releases.promote(await releases.read(release), change);
    },
  };
}

/** The evaluation compares with one champion, so a verdict against another would be unfounded. */
function requireSameChampion(champion: MeasuredRelease | null, { corpus, evaluation }: DecideInput): void {
  const found = champion?.id ?? null;
  if (found === evaluation.champion) return;
  throw new WinnowError(
    "PromotionConflict",
    `The champion of ${corpus} is ${found ?? "none"}, but the evaluation compared with ${evaluation.champion ?? "none"}. Run it again.`,
  );
}

function rerankersOf({ train, untrained }: RerankerRefs): string {
  return [train, untrained].map((ref) => ref?.sha256 ?? "none").join();
}

function manifestOf(input: DecideInput, gate: GateDecision): MeasuredManifest {
  const { corpus, createdAt, source, evaluation, docsPath, training } = input;
  const { embedder, ingest, embed, buildIndex, train, untrained, evaluate } = input;
  const { digest, pages, passages } = source;
  const role = evaluation.summary.reranker;
  return {
    schema: 1,
    corpus,
    createdAt,
    source: { path: docsPath, digest, pages, passages },
    ranking: gate.ranking,
    ...{ embedder, ingest, embed, buildIndex, train, untrained, evaluate },
    models: { embedder: { name: input.names.embedder, digest: embedder.sha256 }, reranker: training.base ?? null },
    reranker: role === "tuned" && train ? { role, ref: train } : { role: "untrained", ref: untrained },
    training,
    gate,
    evaluation: evaluation.summary,
  };
}
