import type { ArtifactRef } from "../contracts/artifacts.ts";
import { QUEUES } from "../contracts/names.ts";
import type { RerankerRefs } from "../core/stages/corpusRefs.ts";
import type { PrepareInput } from "../core/stages/prepareTraining.ts";
import type { StageOutcome } from "./outcome.ts";
import { cpu, gpu, writer } from "./pools.ts";
import { prepareInShards } from "./prepareInShards.ts";
import type { PipelineRun } from "./progress.ts";

/** A reranker, and its training data with held-out questions; null if none was made. */
export interface Trained extends StageOutcome {
  rerankers: RerankerRefs;
  data: ArtifactRef | null;
}

type Preparation = Omit<PrepareInput, "mined" | "written">;

/** Makes training questions with mined negatives, fine-tunes the reranker, and keeps the untrained one. */
export async function trainReranker(run: PipelineRun, prepare: Preparation, base: ArtifactRef): Promise<Trained> {
  const { corpus, seed, mode } = prepare;
  const { budgetMinutes } = run.input.training;
  const written = await writeQuestions(run, prepare);
  const input = { ...prepare, written: written?.ref ?? null };
  const data = await prepareInShards(run, input, "mine training questions and negatives");
  const training = { corpus, data: data.ref, base, budgetMinutes, seed, mode };
  const tuned = await run.on(QUEUES.gpu, gpu.train, `fine-tune the reranker for ${budgetMinutes} min`, training);
  const start = { corpus, base, tuned: tuned.ref, mode };
  const untrained = await run.on(QUEUES.cpu, cpu.untrained, "keep the reranker it started from", start);
  return {
    rerankers: { train: tuned.ref, untrained: untrained.ref },
    ref: tuned.ref,
    data: data.ref,
    skipped: tuned.skipped,
    why: tuned.why,
    seconds: (written?.seconds ?? 0) + data.seconds + tuned.seconds + untrained.seconds,
    summary: `${data.summary}; ${tuned.summary}`,
  };
}

/** Lets the operator's LLM write questions if the run requests some. A run of one later stage reuses the last ones. */
async function writeQuestions(run: PipelineRun, { corpus, ingest, seed, mode }: Preparation) {
  const { written: count } = run.input.training;
  if (count === 0 || mode.cachedOnly) return null;
  const input = { corpus, ingest, count, seed, mode };
  return run.on(QUEUES.cpu, writer.writeQuestions, "ask the LLM for questions", input);
}

/** Reuses the champion's rerankers. Without a question set, questions are generated on the new docs. */
export async function reuseReranker(
  run: PipelineRun,
  prepare: Preparation,
  rerankers: RerankerRefs,
  why: string,
): Promise<Trained> {
  const summary = "generate questions on the new docs";
  const data = prepare.questions === null ? await prepareInShards(run, { ...prepare, written: null }, summary) : null;
  const seconds = data?.seconds ?? 0;
  const outcome = { skipped: true, why, seconds, summary: "the champion's reranker" };
  return { ...outcome, rerankers, ref: rerankers.train ?? rerankers.untrained, data: data?.ref ?? null };
}
