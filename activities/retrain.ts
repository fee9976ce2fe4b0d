import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { PipelineInput } from "../contracts/pipeline.ts";
import type { TrainingRecord } from "../contracts/release.ts";
import { WinnowError } from "../core/base/errors.ts";
import { fileDigest, folderDigest } from "../core/base/folderDigest.ts";
import { readJsonLines } from "../core/base/jsonl.ts";
import { ndcgDrop } from "../core/stages/work/drop.ts";
import { decideRetrain, type RetrainFacts } from "../core/stages/work/retrain.ts";
import type { QuestionLine } from "../core/stages/work/writeEvaluation.ts";
import type { Release, Releases } from "../core/storage/releases.ts";
import { isOutage } from "../core/storage/storage.ts";
import { changesBetween } from "./changes.ts";
import { championOf } from "./evaluate.ts";
import { withHeartbeat } from "./heartbeat.ts";
import type { StageDeps } from "./stageRunner.ts";

const DAY_MS = 24 * 3600 * 1000;

export interface PlanInput {
  corpus: string;
  ingest: ArtifactRef;
  questions: string | null;
  training: PipelineInput["training"];
  retrain: PipelineInput["retrain"];
  /** The training stage was named by `force` or `only`. */
  forced: boolean;
  /** ISO time the run began. */
  now: string;
}

export interface TrainingPlan {
  train: boolean;
  why: string;
  /** The champion's reranker, where it goes on. */
  reranker: ArtifactRef | null;
  /** How the candidate's reranker came about. */
  record: TrainingRecord;
}

export interface ReconsiderInput extends PlanInput {
  evaluate: ArtifactRef;
}

export function createRetrainActivities(deps: StageDeps & { releases: Releases }) {
  const decide = async (
    input: PlanInput,
    drop: (champion: Release) => Promise<number | null>,
  ): Promise<TrainingPlan> => {
    const { corpus, ingest, retrain: mode, forced, now } = input;
    const fresh: TrainingRecord = { at: now, ingest, basis: await basisOf(deps, input) };
    const champion = await championOf(deps.releases, corpus);
    if (!champion && mode === "never")
      throw new WinnowError(
        "BadInput",
        `retrain: "never" has no reranker to go on with: nothing serves ${corpus} yet.`,
      );
    const facts = champion && (await championFacts(deps, champion, fresh, await drop(champion)));
    const decision = decideRetrain({ mode, forced, champion: facts });
    if (decision.train || !champion) return { ...decision, reranker: null, record: fresh };
    return { ...decision, reranker: champion.manifest.train, record: trainingOf(champion) };
  };
  return {
    /** Whether this run trains, before anything was measured. */
    planTraining: (input: PlanInput): Promise<TrainingPlan> =>
      withHeartbeat("train", () => decide(input, async () => null)),

    /** The same once the question set was asked of the champion's reranker on the new docs. */
    reconsiderTraining: (input: ReconsiderInput): Promise<TrainingPlan> =>
      withHeartbeat("train", () =>
        decide(input, async ({ manifest }) => {
          if (input.questions === null || manifest.evaluation.source !== "judged") return null;
          const [before, since] = await Promise.all(
            [manifest.evaluate, input.evaluate].map(async (ref) =>
              readJsonLines<QuestionLine>(join(await deps.store.resolve(ref), "questions.jsonl")),
            ),
          );
          return ndcgDrop(before!, since!, manifest.ranking);
        }),
      ),
  };
}

/** How a champion's reranker came about; releases made before this was kept count as trained when they were made. */
function trainingOf({ manifest }: Release): TrainingRecord {
  return manifest.training ?? { at: manifest.createdAt, ingest: manifest.ingest, basis: {} };
}

async function basisOf(
  { models, code }: StageDeps,
  { questions, training }: PlanInput,
): Promise<TrainingRecord["basis"]> {
  const { budgetMinutes, seed, strict, pairs, written } = training;
  return {
    "base model": await folderDigest(models.base),
    "training code": code.train,
    questions: questions ? await fileDigest(questions) : "none",
    pairs: pairs ? await fileDigest(pairs) : "none",
    budgetMinutes: `${budgetMinutes}`,
    seed: `${seed}`,
    strict: `${strict}`,
    "written questions": `${written ?? 0}`,
  };
}

async function championFacts(
  deps: StageDeps,
  champion: Release,
  fresh: TrainingRecord,
  drop: number | null,
): Promise<NonNullable<RetrainFacts["champion"]>> {
  const trained = trainingOf(champion);
  const differs = Object.keys(fresh.basis).filter(
    (name) => (trained.basis[name] ?? fresh.basis[name]) !== fresh.basis[name],
  );
  const { corpus, ingest } = champion.manifest;
  const shareSince = async (before: ArtifactRef) => {
    const { passages } = (await changesBetween(deps, corpus, before, fresh.ingest)).facts;
    return passages.fresh / Math.max(1, passages.total);
  };
  // The docs it was trained on may have been collected as garbage; the champion's own cannot.
  const changedShare = await shareSince(trained.ingest).catch((error) => {
    if (isOutage(error)) throw error;
    return shareSince(ingest);
  });
  return { differs, changedShare, ageDays: (Date.parse(fresh.at) - Date.parse(trained.at)) / DAY_MS, drop };
}
