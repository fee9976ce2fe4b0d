import { loadQuestionSet } from "../core/judging/questionSet.ts";
import type { Shard } from "../core/judging/shard.ts";
import { candidateArgs, type EvaluateDeps, type EvaluateInput, evaluationStep, scoreSource } from "./evaluate.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { isDone, runStep } from "./stageRunner.ts";

/** A part of the questions. */
export type ScoreShardInput = Omit<EvaluateInput, "scores"> & Shard;

export function createScoreActivities(deps: EvaluateDeps) {
  return {
    /** How many questions an evaluation has to score; none where it was made before. */
    async planScoring(input: Omit<EvaluateInput, "scores">): Promise<{ questions: number }> {
      if (input.mode.cachedOnly) return { questions: 0 };
      return withHeartbeat("evaluate", async () => {
        const { file, step } = await evaluationStep(deps, input);
        if (await isDone(deps, step)) return { questions: 0 };
        return { questions: (await loadQuestionSet(file)).length };
      });
    },

    /** Logits of one shard of the questions, for `evaluate` to start from. */
    async scoreShard({ index, of, ...input }: ScoreShardInput) {
      const { champion, file, step } = await withHeartbeat("evaluate", () => evaluationStep(deps, input));
      return runStep<{ questions: number }>(deps, {
        ...step,
        name: "pair-scores",
        slot: `${index}`,
        options: { index, of },
        async work(outDir, pulse) {
          const args = { ...(await candidateArgs(deps, input, champion)), file, shard: { index, of } };
          const rest = { outDir, scores: scoreSource(deps) };
          const { questions } = await deps.compute("scoreShard", { ...args, ...rest }, pulse);
          return { summary: `${questions} questions scored`, facts: { questions } };
        },
      });
    },
  };
}
