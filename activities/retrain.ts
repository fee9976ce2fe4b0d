import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { PipelineInput } from "../contracts/pipeline.ts";
import type { TrainingRecord } from "../contracts/release.ts";
import { readQuestionLines } from "../core/artifacts/evaluation.ts";
import { WinnowError } from "../core/base/errors.ts";
import { givenDigest } from "../core/base/given/digest.ts";
import { championToBeat } from "../core/stages/champion.ts";
import type { RerankerRefs } from "../core/stages/corpusRefs.ts";
import { labelsRead } from "../core/stages/labels.ts";
import type { Pulse, StageContext } from "../core/stages/stage.ts";
import { ndcgDrop } from "../core/stages/work/drop.ts";
import {
  chooseBudget,
  decideRetrain,
  type RetrainFacts,
  type TrainingBudget,
  withinBudget,
} from "../core/stages/work/retrain.ts";
import type { MeasuredRelease } from "../core/storage/releases.ts";
import { isOutage } from "../core/storage/storage.ts";
import { changesBetween } from "./changes.ts";
import { withHeartbeat } from "./heartbeat.ts";

const DAY_MS = 24 * 3600 * 1000;
const VOTES = "accepted votes";

export interface PlanInput {
  corpus: string;
  ingest: ArtifactRef;
  /** Model that training would start from. */
  base: ArtifactRef;
  baseName: string;
  /** True if the run names its reranker. */
  named?: boolean;
  questions: string | null;
  training: PipelineInput["training"];
  retrain: PipelineInput["retrain"];
  /** True if `force` or `only` names the training stage. */
  forced: boolean;
  /** True if `only` names a later stage, which uses the last training, or the champion's if that was measured last. */
  reused: boolean;
  /** ISO start time of the run. */
  now: string;
}

export interface TrainingPlan {
  train: boolean;
  why: string;
  budget: TrainingBudget;
  /** The champion's rerankers, if they are reused. */
  reranker: RerankerRefs | null;
  /** How the candidate's reranker was trained. */
  record: TrainingRecord;
}

export interface ReconsiderInput extends PlanInput {
  evaluate: ArtifactRef;
}

export function createRetrainActivities(context: StageContext) {
  const decide = async (
    input: PlanInput,
    drop: (champion: MeasuredRelease) => Promise<number | null>,
    pulse: Pulse,
  ): Promise<TrainingPlan> => {
    const { corpus, ingest, base, baseName, training, retrain: mode, forced, now } = input;
    const from = { name: baseName, digest: base.sha256 };
    const labels = await labelsRead(context, corpus);
    const budget = await budgetOf(context, input, labels.value.length);
    const basis = await basisOf(context, input, budget.minutes, labels.digest);
    const fresh: TrainingRecord = { at: now, ingest, base: from, basis };
    const champion = await championToBeat(context.releases, corpus);
    if (!champion && mode === "never")
      throw new WinnowError(
        "BadInput",
        `retrain: "never" has no reranker to go on with: no measured release serves ${corpus} yet.`,
      );
    if (champion && mode === "never" && !forced) requireSameBase(input, champion);
    const facts = champion && (await championFacts(context, champion, fresh, await drop(champion), pulse));
    const keepsTuned = training.budgetMinutes === undefined && champion !== null && isTunedFrom(base, champion);
    const { keep, ...decided } = withinBudget(decideRetrain({ mode, forced, champion: facts }), budget, keepsTuned);
    const kept = input.reused ? champion && (await measuredLast(context, champion, budget)) : keep;
    if (!kept || !champion) return { ...decided, budget, reranker: null, record: fresh };
    const { train, untrained, training: record } = champion.manifest;
    return { ...decided, budget, reranker: { train, untrained }, record };
  };
  return {
    /** Decides whether this run trains, before any measurement. */
    planTraining: (input: PlanInput): Promise<TrainingPlan> =>
      withHeartbeat("train", (pulse) => decide(input, async () => null, pulse)),

    /** Decides again after the question set was run on the new docs with the champion's reranker. */
    reconsiderTraining: (input: ReconsiderInput): Promise<TrainingPlan> =>
      withHeartbeat("train", (pulse) => {
        const drop = async ({ manifest }: MeasuredRelease) => {
          if (input.questions === null || manifest.evaluation.source !== "judged") return null;
          const [before, since] = await Promise.all(
            [manifest.evaluate, input.evaluate].map(async (ref) => readQuestionLines(await context.store.resolve(ref))),
          );
          return ndcgDrop(before!, since!, manifest.ranking);
        };
        return decide(input, drop, pulse);
      }),
  };
}

/** Throws BadInput if the run names another model than the champion's reranker was made from, which it would keep. */
function requireSameBase({ base, baseName, named }: PlanInput, { manifest }: MeasuredRelease): void {
  const { base: made } = manifest.training;
  if (!named || !made || made.digest === base.sha256) return;
  throw new WinnowError(
    "BadInput",
    `retrain: "never" keeps the champion's reranker, which was made from ${made.name}, not from ${baseName}: leave the reranker out, or let the run train again.`,
  );
}

function isTunedFrom(base: ArtifactRef, { manifest: { train, training } }: MeasuredRelease): boolean {
  return train !== null && training.base?.digest === base.sha256;
}

async function budgetOf(
  context: StageContext,
  { corpus, ingest, training, retrain, forced, reused }: PlanInput,
  votes: number,
): Promise<TrainingBudget> {
  const { budgetMinutes: named, pairs, written } = training;
  const asked = reused && named === undefined ? await lastBudget(context, corpus, ingest) : named;
  const outside = pairs !== undefined || written > 0 || votes > 0;
  return chooseBudget({ asked, forced: forced || retrain === "always", outside });
}

/** The budget of the last training on these docs; 0 if there was none. */
async function lastBudget({ steps }: StageContext, corpus: string, ingest: ArtifactRef): Promise<number> {
  const data = await steps.latest<{ ref: ArtifactRef }>(corpus, "train-data");
  const last = await steps.latest(corpus, "train");
  const trained = data?.parts.inputs.passages === ingest.sha256 && last?.parts.inputs.data === data.output.ref.sha256;
  return trained ? (last.parts.options.budgetMinutes as number) : 0;
}

/** True if nothing was trained on these docs, and the last evaluation was one of the champion's tuned reranker. */
async function measuredLast(
  { steps }: StageContext,
  { manifest: { corpus, train, untrained } }: MeasuredRelease,
  { minutes }: TrainingBudget,
): Promise<boolean> {
  if (minutes > 0 || train === null) return false;
  const inputs = (await steps.latest(corpus, "evaluate"))?.parts.inputs;
  return inputs?.reranker === train.sha256 && inputs.untrained === untrained.sha256;
}

async function basisOf(
  context: StageContext,
  { base, questions, training }: PlanInput,
  budgetMinutes: number,
  votes: string,
): Promise<TrainingRecord["basis"]> {
  const { leastSteps, seed, strict, pairs, written } = training;
  return {
    "base model": base.sha256,
    "training code": context.code.train!,
    questions: questions ? await givenDigest(questions) : "none",
    pairs: pairs ? await givenDigest(pairs) : "none",
    [VOTES]: votes,
    budgetMinutes: `${budgetMinutes}`,
    leastSteps: `${leastSteps}`,
    seed: `${seed}`,
    strict: `${strict}`,
    "written questions": `${written}`,
  };
}

async function championFacts(
  context: StageContext,
  champion: MeasuredRelease,
  fresh: TrainingRecord,
  drop: number | null,
  pulse: Pulse,
): Promise<NonNullable<RetrainFacts["champion"]>> {
  const { corpus, ingest, training: trained } = champion.manifest;
  // Without a budget, the time and the steps of an earlier training do not matter.
  const matters = (name: string) =>
    fresh.basis.budgetMinutes !== "0" || (name !== "budgetMinutes" && name !== "leastSteps");
  // A release from before there were votes was trained on none.
  const then: TrainingRecord["basis"] = { [VOTES]: "none", ...trained.basis };
  const differs = Object.keys(fresh.basis).filter(
    (name) => matters(name) && (then[name] ?? fresh.basis[name]) !== fresh.basis[name],
  );
  const shareSince = async (before: ArtifactRef) => {
    const { passages } = (await changesBetween({ corpus, before, now: fresh.ingest }, context, pulse)).facts;
    return passages.fresh / Math.max(1, passages.total);
  };
  // gc may have removed the docs it was trained on; the champion's own docs are always kept.
  const changedShare = await shareSince(trained.ingest).catch((error) => {
    if (isOutage(error)) throw error;
    return shareSince(ingest);
  });
  return { differs, changedShare, ageDays: (Date.parse(fresh.at) - Date.parse(trained.at)) / DAY_MS, drop };
}
