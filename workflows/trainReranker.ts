import { ApplicationFailure } from "@temporalio/workflow";
import type { TrainingPlan } from "../activities/retrain.ts";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { QUEUES, UNMEASURABLE } from "../contracts/names.ts";
import type { RerankerRefs } from "../core/stages/corpusRefs.ts";
import type { PrepareInput } from "../core/stages/prepareTraining.ts";
import type { StageOutcome } from "./outcome.ts";
import { cpu, gpu, writer } from "./pools.ts";
import { prepareInShards } from "./prepareInShards.ts";
import type { PipelineRun } from "./progress.ts";

/** A reranker, and the artifact with questions made from the docs; null if none was made. */
export interface Trained extends StageOutcome {
  rerankers: RerankerRefs;
  data: ArtifactRef | null;
}

type Preparation = Omit<PrepareInput, "mined" | "written">;

/** Model that training starts from. */
interface Base {
  ref: ArtifactRef;
  name: string;
}

/** Trains a reranker if there is a budget, and otherwise makes the untrained one. */
export function trainReranker(
  run: PipelineRun,
  prepare: Preparation,
  base: Base,
  budget: TrainingPlan["budget"],
): Promise<Trained> {
  return budget.minutes === 0 ? makeUntrained(run, prepare, base, budget.why) : fineTune(run, prepare, base, budget);
}

/** Makes the untrained reranker, which needs the passages alone. Without a question set, questions are made too. */
async function makeUntrained(
  run: PipelineRun,
  prepare: Preparation,
  base: Base,
  why: string,
  secondsBefore = 0,
): Promise<Trained> {
  const data = prepare.questions === null ? await makeQuestions(run, prepare) : null;
  const untrained = await untrainedOf(run, prepare, base);
  const story = `not trained: ${why}`;
  run.plan = { train: false, why: story };
  const { ref, skipped, why: reason, seconds } = untrained;
  return {
    rerankers: { train: null, untrained: ref },
    ...{ ref, skipped, why: reason },
    data: data?.ref ?? null,
    seconds: secondsBefore + (data?.seconds ?? 0) + seconds,
    summary: data ? `${data.summary}; ${story}` : story,
  };
}

/**
 * Makes training questions with mined negatives, fine-tunes the reranker, and makes the untrained one. Nothing is trained
 * if the budget allows too few steps.
 */
async function fineTune(
  run: PipelineRun,
  prepare: Preparation,
  start: Base,
  { minutes: budgetMinutes }: TrainingPlan["budget"],
): Promise<Trained> {
  const { ref: base, name: baseName } = start;
  const { corpus, ingest, seed, mode } = prepare;
  const { leastSteps } = run.input.training;
  const written = await writeQuestions(run, prepare);
  if (written?.obstacle) return makeUntrained(run, prepare, start, written.obstacle, written.seconds);
  const input = { ...prepare, written: written?.graded ?? null };
  const data = await prepareInShards(run, input, "mine training questions and negatives");
  const training = { corpus, data: data.ref, ingest, base, baseName, budgetMinutes, leastSteps, seed, mode };
  const obstacle = obstacleTo(data.facts);
  const tuned =
    obstacle === null
      ? await run.on(QUEUES.gpu, gpu.train, `fine-tune the reranker for ${budgetMinutes} min`, training)
      : null;
  const untrained = await untrainedOf(run, prepare, start);
  const trained = tuned !== null && tuned.facts.steps > 0;
  const story = tuned?.summary ?? `not trained: ${obstacle}`;
  const voted = data.facts.voted?.[trained ? "trained" : "untrained"];
  if (!trained) run.plan = { train: false, why: story };
  const made = trained ? tuned : untrained;
  return {
    rerankers: { train: trained ? tuned.ref : null, untrained: untrained.ref },
    ref: made.ref,
    data: data.ref,
    skipped: made.skipped,
    why: made.why,
    seconds: (written?.seconds ?? 0) + data.seconds + (tuned?.seconds ?? 0) + untrained.seconds,
    summary: [data.summary, ...(voted ? [voted] : []), story].join("; "),
  };
}

function untrainedOf(run: PipelineRun, { corpus, ingest, mode }: Preparation, { ref: base }: Base) {
  return run.on(QUEUES.cpu, cpu.untrained, "make the untrained reranker", { corpus, base, ingest, mode });
}

/** Questions made from the docs, to evaluate on. A run of one later stage may find none of an earlier run. */
function makeQuestions(run: PipelineRun, prepare: Preparation) {
  const { corpus, embedder, ingest, embed, buildIndex, seed } = prepare;
  const mode = { ...prepare.mode, cachedOnly: false };
  const asked = { corpus, embedder, ingest, embed, buildIndex, seed, mode };
  return run.on(QUEUES.cpu, cpu.heldout, "make questions to evaluate on", asked);
}

/** Why training data cannot train a reranker that may serve, or null. */
function obstacleTo({ groups, allPages }: { groups: number; allPages?: true }): string | null {
  if (allPages) return UNMEASURABLE;
  return groups === 0 ? "the docs give no question with negatives" : null;
}

/**
 * Lets the operator's LLM write questions and grade their passages, if the run requests some and a training may follow. A
 * run of one later stage reuses the last ones.
 */
async function writeQuestions(run: PipelineRun, prepare: Preparation) {
  const { written: count, leastSteps } = run.input.training;
  const { corpus, embedder, ingest, embed, buildIndex, questions, pairs, seed, mode } = prepare;
  if (count === 0 || mode.cachedOnly) return null;
  const input = { corpus, ingest, count, questions, pairs, leastSteps, seed, mode };
  const written = await run.on(QUEUES.cpu, writer.writeQuestions, "ask the LLM for questions", input);
  const { obstacle } = written.facts;
  if (obstacle !== undefined) return { graded: null, obstacle, seconds: written.seconds };
  const toGrade = { corpus, embedder, ingest, embed, buildIndex, written: written.ref, seed, mode };
  const graded = await run.on(QUEUES.cpu, writer.gradeQuestions, "ask the LLM which passages answer them", toGrade);
  return { graded: graded.ref, obstacle: null, seconds: written.seconds + graded.seconds };
}

/** Reuses the champion's rerankers. Without a question set, questions are made on the new docs. */
export async function reuseReranker(
  run: PipelineRun,
  prepare: Preparation,
  rerankers: RerankerRefs,
  why: string,
): Promise<Trained> {
  const data = prepare.questions === null ? await makeQuestions(run, prepare) : null;
  // The questions may be about pages that it was trained on.
  if (data?.facts.allPages && rerankers.train !== null)
    throw ApplicationFailure.nonRetryable(
      "No held-out page of these docs gives a question, so only a question set can measure the tuned reranker: --questions FILE.",
      "BadInput",
    );
  const seconds = data?.seconds ?? 0;
  const outcome = { skipped: true, why, seconds, summary: "the champion's reranker" };
  return { ...outcome, rerankers, ref: rerankers.train ?? rerankers.untrained, data: data?.ref ?? null };
}
