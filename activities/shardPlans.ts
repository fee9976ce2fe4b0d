import { countPassages } from "../core/artifacts/passages.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { type EvaluateInput, questionFile } from "../core/stages/evaluate.ts";
import { stages } from "../core/stages/index.ts";
import type { PrepareInput } from "../core/stages/prepareTraining.ts";
import { isDone } from "../core/stages/runStage.ts";
import type { StageContext } from "../core/stages/stage.ts";
import { withHeartbeat } from "./heartbeat.ts";

/** Counts the work that a stage can split into shards. */
export function createShardPlans(context: StageContext) {
  return {
    /** Number of passages to mine negatives for; 0 if the training data is cached or mining is not split. */
    async planMining(input: Omit<PrepareInput, "mined">): Promise<{ passages: number }> {
      // LLM-written questions replace some generated ones. Only the process that checked them has the list.
      if (input.mode.cachedOnly || input.written) return { passages: 0 };
      return withHeartbeat("train", async () => {
        if (await isDone(stages.prepareTraining, { ...input, mined: [] }, context)) return { passages: 0 };
        return { passages: await countPassages(await context.store.resolve(input.ingest)) };
      });
    },

    /** Number of questions an evaluation has to score; 0 if it is cached. */
    async planScoring(input: Omit<EvaluateInput, "scores">): Promise<{ questions: number }> {
      if (input.mode.cachedOnly) return { questions: 0 };
      return withHeartbeat("evaluate", async () => {
        if (await isDone(stages.evaluate, { ...input, scores: [] }, context)) return { questions: 0 };
        return { questions: (await loadQuestionSet(await questionFile(input, context))).length };
      });
    },
  };
}
