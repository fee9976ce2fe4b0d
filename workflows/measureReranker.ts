import { workflowInfo } from "@temporalio/workflow";
import type { PlanInput, TrainingPlan } from "../activities/retrain.ts";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { QUEUES } from "../contracts/names.ts";
import type { CorpusRefs, ModelNames, RerankerRefs } from "../core/stages/corpusRefs.ts";
import { evaluateInShards } from "./evaluateInShards.ts";
import { cpu } from "./pools.ts";
import type { PipelineRun } from "./progress.ts";
import { reuseReranker, trainReranker } from "./trainReranker.ts";

export interface Candidate extends CorpusRefs {
  corpus: string;
  /** Model that training starts from. */
  base: ArtifactRef;
  names: ModelNames;
}

/** Rerankers and their evaluation. */
export interface Measured {
  rerankers: RerankerRefs;
  plan: TrainingPlan;
  evaluation: Awaited<ReturnType<typeof evaluateInShards>>;
}

/**
 * Trains a reranker, or reuses the champion's by the `retrain` rule, and evaluates it. If the question set shows too
 * great a loss, it trains after all.
 */
export async function measureReranker(run: PipelineRun, candidate: Candidate): Promise<Measured> {
  const { corpus, ingest, base, names } = candidate;
  const { questions = null, training, retrain, only, force, models } = run.input;
  const forced = only === "train" || force.includes("train");
  const now = workflowInfo().startTime.toISOString();
  const reused = only === "evaluate" || only === "deploy";
  const asked = { questions, training, retrain, forced, reused, now };
  const named = models.reranker !== "auto";
  const input: PlanInput = { corpus, ingest, base, baseName: names.reranker, named, ...asked };
  const plan = await run.on(QUEUES.cpu, cpu.planTraining, "decide whether to train", input);
  const first = await carryOut(run, candidate, plan);
  if (plan.reranker === null || retrain !== "auto") return first;
  const evaluate = first.evaluation.ref;
  const second = await run.on(QUEUES.cpu, cpu.reconsiderTraining, "has the question set lost?", { ...input, evaluate });
  return second.reranker === null ? carryOut(run, candidate, second) : first;
}

async function carryOut(
  run: PipelineRun,
  { base, names, ...corpus }: Candidate,
  plan: TrainingPlan,
): Promise<Measured> {
  const { questions = null, training, falseAnswers } = run.input;
  const { strict, seed, pairs = null } = training;
  run.plan = plan;
  const { rerankers, data } = await run.stage("train", (mode) => {
    const prepare = { ...corpus, questions, pairs, strict, seed, mode };
    return plan.reranker
      ? reuseReranker(run, prepare, plan.reranker, plan.why)
      : trainReranker(run, prepare, { ref: base, name: names.reranker }, plan.budget);
  });
  const embedder = { name: names.embedder, digest: corpus.embedder.sha256 };
  const models = { embedder, reranker: plan.record.base ?? null };
  const evaluation = await run.stage("evaluate", (mode) =>
    evaluateInShards(run, { ...corpus, ...rerankers, models, data, questions, falseAnswers, mode }),
  );
  run.evaluation = evaluation.facts.summary;
  return { rerankers, plan, evaluation };
}
