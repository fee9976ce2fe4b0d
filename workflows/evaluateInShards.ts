import { QUEUES } from "../contracts/names.ts";
import type { EvaluateInput } from "../core/stages/evaluate.ts";
import { fanOut } from "./fanOut.ts";
import { cpu, pollersOf } from "./pools.ts";
import type { PipelineRun } from "./progress.ts";

/** Smallest shard, in questions, for any number of workers. */
const LEAST_QUESTIONS = 50;
/**
 * Largest shard, in questions, even for one worker. It bounds the loss after a crash and shows an autoscaler the
 * backlog.
 */
const MOST_QUESTIONS = 400;

/** Evaluates a candidate. With many questions or several workers, its pairs are scored in shards. */
export async function evaluateInShards(run: PipelineRun, input: Omit<EvaluateInput, "scores">) {
  const scored = await scoreShards(run, input);
  const scores = scored.map(({ ref }) => ref);
  const evaluation = await run.on(QUEUES.cpu, cpu.evaluate, "ladder and calibration", { ...input, scores });
  return { ...evaluation, seconds: Math.max(0, ...scored.map(({ seconds }) => seconds)) + evaluation.seconds };
}

async function scoreShards(run: PipelineRun, input: Omit<EvaluateInput, "scores">) {
  const { questions } = await run.on(QUEUES.cpu, cpu.planScoring, "count the questions to score", input);
  if (questions < 2 * LEAST_QUESTIONS) return [];
  const workers = await pollersOf(QUEUES.cpu);
  const of = Math.max(
    Math.ceil(questions / MOST_QUESTIONS),
    Math.min(workers, Math.floor(questions / LEAST_QUESTIONS)),
  );
  if (of < 2) return [];
  const score = (index: number) =>
    run.on(QUEUES.cpu, cpu.scoreShard, `score questions, shard ${index + 1} of ${of}`, { ...input, index, of });
  return fanOut(of, score, (finished) => run.report(`questions scored: ${finished} of ${of} shards`));
}
