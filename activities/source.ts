import type { ChosenModels } from "../contracts/models.ts";
import type { PipelineInput, PipelineResult, SourceVersion } from "../contracts/pipeline.ts";
import { canonicalJson, sha256 } from "../core/base/canonical.ts";
import { messageOf } from "../core/base/errors.ts";
import { folderDigest } from "../core/base/folderDigest.ts";
import { givenDigest } from "../core/base/given/digest.ts";
import { versionOf } from "../core/docs/fetchedDocs.ts";
import { labelsRead } from "../core/stages/labels.ts";
import type { StageContext } from "../core/stages/stage.ts";
import { artifactsOf } from "../core/storage/releaseFolders.ts";
import type { Release } from "../core/storage/releases.ts";
import type { StepParts } from "../core/storage/stepCache.ts";
import { isOutage } from "../core/storage/storage.ts";
import { withHeartbeat } from "./heartbeat.ts";

export interface CheckSourceInput {
  corpus: string;
  input: PipelineInput;
  /** Models named in the input. Default: none. */
  models?: ChosenModels;
}

const WORKERS_OWN: ChosenModels = { embedder: null, reranker: null };

export interface SourceCheck {
  source: SourceVersion;
  /** Everything that determines the run's outcome. */
  parts: StepParts;
  /** Outcome of the identical earlier run; null if anything is new. */
  unchanged: UnchangedRun | null;
  /** What is new, or since when nothing has changed. */
  why: string;
}

export type UnchangedRun = Pick<PipelineResult, "release" | "promoted" | "evaluation" | "gate" | "artifacts">;

/** Record of a completed run, for the next run to find. */
interface RunRecord {
  release: string;
  workflowId: string;
  /** Champion at the end of the run; null if none served yet. */
  champion: string | null;
}

/** Fields of a run's input that `options` below need not hold: others hold them, or they choose stages alone. */
type Elsewhere = "docs" | "questions" | "training" | "models" | "until" | "only" | "force" | "approvalHours";
/** Total, so that no new field is forgotten: a run with another value of it would end as "unchanged". */
type OwnOptions = { [K in Exclude<keyof PipelineInput, Elsewhere>]: PipelineInput[K] };

/** Collects everything that determines a run's outcome, with the docs by version. */
async function partsOf(
  context: StageContext,
  corpus: string,
  chosen: ChosenModels,
  { docs, questions, training: { pairs, ...training }, retrain, gate, falseAnswers }: PipelineInput,
  version: string,
): Promise<StepParts> {
  const { models, code } = context;
  const options: OwnOptions = { retrain, gate, falseAnswers };
  return {
    stage: "run",
    inputs: {
      docs: version,
      questions: questions ? await givenDigest(questions) : "none",
      pairs: pairs ? await givenDigest(pairs) : "none",
      votes: training.budgetMinutes === 0 ? "none" : (await labelsRead(context, corpus)).digest,
      embedder: chosen.embedder?.artifact.sha256 ?? (await folderDigest(models.embedder)),
      base: chosen.reranker?.artifact.sha256 ?? (await folderDigest(models.base)),
    },
    options: { baseUrl: docs.baseUrl ?? null, ...given(options), ...training },
    code: sha256(canonicalJson(code)),
  };
}

/** The options that have a value. */
function given(options: OwnOptions): Partial<OwnOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export function createSourceActivities(deps: StageContext) {
  return {
    /** Resolves the docs to a version and checks whether the run would repeat the corpus's last one. */
    checkSource: ({ corpus, input, models = WORKERS_OWN }: CheckSourceInput): Promise<SourceCheck> =>
      withHeartbeat("ingest", async (pulse) => {
        const source = await versionOf(deps, input.docs.path, pulse);
        const parts = await partsOf(deps, corpus, models, input, source.version);
        const last = await deps.steps.latest<RunRecord>(corpus, "run");
        if (!last || canonicalJson(last.parts) !== canonicalJson(parts))
          return { source, parts, unchanged: null, why: await deps.steps.explain(corpus, parts) };
        const { release, workflowId } = last.output;
        const when = `${last.finishedAt.slice(0, 16).replace("T", " ")} UTC`;
        const made = await whole(deps, release).catch((error) => {
          if (isOutage(error)) throw error;
          return messageOf(error);
        });
        if (typeof made === "string") return { source, parts, unchanged: null, why: made };
        const champion = await deps.releases.champion(corpus);
        if (!champion && last.output.champion !== null)
          return { source, parts, unchanged: null, why: `nothing serves ${corpus} any more` };
        const unchanged = outcomeOf(made, champion?.release === release);
        return {
          source,
          parts,
          unchanged,
          why: `docs, questions, accepted votes, options and code are those of ${workflowId}, ${when}`,
        };
      }),

    /** Records the inputs of a completed run. */
    async recordRun({
      corpus,
      parts,
      ...run
    }: Omit<RunRecord, "champion"> & { corpus: string; parts: StepParts }): Promise<void> {
      await withHeartbeat("deploy", async () => {
        const champion = (await deps.releases.champion(corpus))?.release ?? null;
        await deps.steps.record<RunRecord>(corpus, parts, { ...run, champion });
      });
    },
  };
}

/** Reads and verifies a release, so that a run rebuilds damaged artifacts. Throws UnknownRelease, CorruptArtifact. */
async function whole({ releases, store }: StageContext, id: string): Promise<Release> {
  const release = await releases.read(id);
  for (const ref of artifactsOf(release.manifest)) await store.resolve(ref);
  return release;
}

function outcomeOf({ id, manifest }: Release, promoted: boolean): UnchangedRun {
  const { ingest, embed, buildIndex, train, untrained, evaluate, evaluation, gate } = manifest;
  const reranker = train ?? untrained;
  const artifacts = {
    ...{ ingest, embed: embed[0]!, "build-index": buildIndex },
    ...(reranker ? { train: reranker } : {}),
    ...(evaluate ? { evaluate } : {}),
  };
  return { release: id, promoted, evaluation, gate, artifacts };
}
