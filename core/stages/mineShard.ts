import type { Shard } from "../judging/shard.ts";
import { corpusArgs } from "./corpusRefs.ts";
import { type PrepareInput, preparationReads } from "./prepareTraining.ts";
import { defineStage } from "./stage.ts";
import { works } from "./works.ts";

/** One shard of the training questions. */
export type MineShardInput = Omit<PrepareInput, "mined"> & Shard;

/** Retrieves candidate negatives for one shard of the questions, for `prepareTraining`. */
export const mineShard = defineStage({
  name: "mined",
  of: "train",
  queue: "winnow-cpu",
  slot: ({ index }: MineShardInput) => `${index}`,
  reads: (input: MineShardInput) => preparationReads({ ...input, pairs: null }),
  options: ({ strict, seed, index, of }: MineShardInput) => ({ strict, seed, index, of }),
  work: works.mineShard,
  async run(found, { strict, seed, index, of }: MineShardInput, { compute }) {
    const shard = { index, of };
    const args = { ...corpusArgs(found), questionsFile: found.questions, strict, seed, shard };
    const { questions } = await compute(args);
    return { summary: `candidates of ${questions} questions`, facts: { questions } };
  },
});
