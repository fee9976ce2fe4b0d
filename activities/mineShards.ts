import { join } from "node:path";
import { countJsonLines } from "../core/base/jsonl.ts";
import type { Shard } from "../core/judging/shard.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { isDone, runStep, type StageDeps } from "./stageRunner.ts";
import { corpusDirs, type PrepareInput, preparationStep } from "./train.ts";

/** A part of the training questions. */
export type MineShardInput = Omit<PrepareInput, "mined"> & Shard;

export function createMiningActivities(deps: StageDeps) {
  return {
    /** How many passages negatives are mined from; none where the training data is there, or mining it is not split. */
    async planMining(input: Omit<PrepareInput, "mined">): Promise<{ passages: number }> {
      // What an LLM wrote takes the place of some questions, and only who has checked it knows which.
      if (input.mode.cachedOnly || input.written) return { passages: 0 };
      return withHeartbeat("train", async () => {
        if (await isDone(deps, await preparationStep(deps, input))) return { passages: 0 };
        const file = join(await deps.store.resolve(input.ingest), "passages.jsonl");
        return { passages: await countJsonLines(file) };
      });
    },

    /** Candidates for the negatives of one shard of the questions, for `prepareTraining` to choose from. */
    async mineShard({ index, of, ...input }: MineShardInput) {
      const step = await preparationStep(deps, { ...input, pairs: null });
      return runStep<{ questions: number }>(deps, {
        ...step,
        name: "mined",
        slot: `${index}`,
        options: { ...step.options, index, of },
        async work(outDir, pulse) {
          const { questions: questionsFile, strict, seed } = input;
          const dirs = await corpusDirs(deps, input);
          const args = { ...dirs, modelDir: deps.models.embedder, questionsFile, strict, seed, shard: { index, of } };
          const { questions } = await deps.compute("mineShard", { ...args, outDir }, pulse);
          return { summary: `candidates of ${questions} questions`, facts: { questions } };
        },
      });
    },
  };
}
