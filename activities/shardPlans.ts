import { countPassages } from "../core/artifacts/passages.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { type EvaluateInput, questionFile } from "../core/stages/evaluate.ts";
import { stages } from "../core/stages/index.ts";
import type { PrepareInput } from "../core/stages/prepareTraining.ts";
import { isDone } from "../core/stages/runStage.ts";
import type { StageContext } from "../core/stages/stage.ts";
import { withHeartbeat } from "./heartbeat.ts";

/** How much there is to split into shards, before a stage is asked for. */
export function createShardPlans(context: StageContext) {
  return {
    /** Passages that negatives are mined from; none where the training data is cached, or mining it is not split. */
    async planMining(input: Omit<PrepareInput, "mined">): Promise<{ passages: number }> {
      // Questions that an LLM wrote replace some of the others, and only the process that checked them knows which.
      if (input.mode.cachedOnly || input.written) return { passages: 0 };
      return withHeartbeat("train", async () => {
        if (await isDone(stages.prepareTraining, { ...input, mined: [] }, context)) return { passages: 0 };
        return { passages: await countPassages(await context.store.resolve(input.ingest)) };
      });
    },

    /** Questions that an evaluation has to score; none where it is cached. */
    async planScoring(input: Omit<EvaluateInput, "scores">): Promise<{ questions: number }> {
      if (input.mode.cachedOnly) return { questions: 0 };
      return withHeartbeat("evaluate", async () => {
        if (await isDone(stages.evaluate, { ...input, scores: [] }, context)) return { questions: 0 };
        return { questions: (await loadQuestionSet(await questionFile(input, context))).length };
      });
    },
  };
}
