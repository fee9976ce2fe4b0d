import type { Shard } from "../judging/shard.ts";
import { candidateArgs, type EvaluateInput, evaluationReads, scoreSource } from "./evaluate.ts";
import { defineStage } from "./stage.ts";
import { works } from "./works.ts";

/** One shard of the questions. */
export type ScoreShardInput = Omit<EvaluateInput, "scores"> & Shard;

/** Computes the logits of one shard of the questions, for `evaluate`. */
export const scoreShard = defineStage({
  name: "pair-scores",
  of: "evaluate",
  queue: "winnow-cpu",
  slot: ({ index }: ScoreShardInput) => `${index}`,
  // Votes have no part in the scores of questions, so accepting one scores nothing again.
  async reads(input: ScoreShardInput, context) {
    const { votes: _, ...reads } = await evaluationReads(input, context);
    return reads;
  },
  options: ({ index, of }: ScoreShardInput) => ({ index, of }),
  work: works.scoreShard,
  async run(found, { index, of }: ScoreShardInput, { context, compute }) {
    const args = await candidateArgs(found, context);
    const scores = scoreSource(context);
    const { questions } = await compute({ ...args, file: found.questions, shard: { index, of }, scores });
    return { summary: `${questions} questions scored`, facts: { questions } };
  },
});
