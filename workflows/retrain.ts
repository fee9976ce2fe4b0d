import { workflowInfo } from "@temporalio/workflow";
import type { ReconsiderInput, TrainingPlan } from "../activities/retrain.ts";
import type { CorpusRefs, PrepareInput } from "../activities/train.ts";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { QUEUES } from "../contracts/names.ts";
import { evaluateInShards } from "./evaluateInShards.ts";
import type { StageOutcome } from "./outcome.ts";
import { cpu, onPool } from "./pools.ts";
import { prepareInShards } from "./prepareInShards.ts";
import type { PipelineRun } from "./run.ts";
import { trainReranker } from "./stages.ts";

type Corpus = CorpusRefs & { corpus: string };
type Evaluation = Awaited<ReturnType<typeof cpu.evaluate>>;

/** A reranker and what it is worth; `evaluation` is null where the run ends before. */
export interface Measured {
  train: ArtifactRef;
  plan: TrainingPlan;
  evaluation: Evaluation | null;
}

/**
 * Trains or goes on with the champion's reranker, by the rule of `retrain`, and evaluates. Where the question set shows
 * only then that too much was lost, it trains after all.
 */
export async function measureReranker(run: PipelineRun, refs: Corpus): Promise<Measured> {
  const { corpus, questions = null, training, retrain, only, force } = run.input;
  const forced = only === "train" || force.includes("train");
  const now = workflowInfo().startTime.toISOString();
  const input = { corpus, ingest: refs.ingest, questions, training, retrain, forced, now };
  const plan = await onPool(QUEUES.cpu, cpu.planTraining, "decide whether to train", input);
  const first = await carryOut(run, refs, plan);
  if (first.evaluation === null || plan.train || retrain !== "auto") return first;
  const evaluate: ReconsiderInput = { ...input, evaluate: first.evaluation.ref };
  const second = await onPool(QUEUES.cpu, cpu.reconsiderTraining, "has the question set lost?", evaluate);
  return second.train ? carryOut(run, refs, second) : first;
}

async function carryOut(run: PipelineRun, refs: Corpus, plan: TrainingPlan): Promise<Measured> {
  const { questions = null, training, falseAnswers } = run.input;
  const { strict, seed, pairs = null, written = 0 } = training;
  run.plan = plan;
  const tell = (note: string) => run.tell(note);
  const reranker = await run.stage("train", (mode) => {
    const prepare = { ...refs, questions, pairs, strict, seed, mode };
    // A run of one later stage takes what the last training left.
    return plan.reranker && !mode.cachedOnly
      ? reuse(prepare, plan.reranker, plan.why, tell)
      : trainReranker(prepare, { ...training, written }, tell);
  });
  if (run.endsAfter("train")) return { train: reranker.ref, plan, evaluation: null };
  const candidate = { ...refs, train: reranker.ref, data: reranker.data, questions, falseAnswers };
  const evaluation = await run.stage("evaluate", (mode) => evaluateInShards({ ...candidate, mode }, tell));
  return { train: reranker.ref, plan, evaluation };
}

/** The champion's reranker; where there is no question set, questions are generated on the new docs. */
async function reuse(
  prepare: PrepareInput,
  reranker: ArtifactRef,
  why: string,
  tell: (note: string) => void,
): Promise<StageOutcome & { ref: ArtifactRef; data: ArtifactRef | null }> {
  const data =
    prepare.questions === null ? await prepareInShards(prepare, "generate questions on the new docs", tell) : null;
  const seconds = data?.seconds ?? 0;
  return { ref: reranker, data: data?.ref ?? null, skipped: true, why, seconds, summary: "the champion's reranker" };
}
