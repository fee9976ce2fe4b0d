import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { defineStage, type StageInput, workIn } from "./stage.ts";
import type { makeUntrained } from "./work/makeUntrained.ts";

export interface UntrainedInput extends StageInput {
  /** Model that training started from. */
  base: ArtifactRef;
  /** The tuned reranker, which stores the rarity of each token in the docs. */
  tuned: ArtifactRef;
}

/** Makes the reranker as it was before training, with its int8 twin: the baseline for fine-tuning. */
export const untrained = defineStage({
  name: "untrained",
  of: "train",
  queue: "winnow-cpu",
  reads: ({ base, tuned }: UntrainedInput) => ({ base, tuned }),
  options: (_input: UntrainedInput) => ({}),
  work: workIn<typeof makeUntrained>("work/makeUntrained.ts", "makeUntrained"),
  async run({ base, tuned }, _input: UntrainedInput, { compute }) {
    await compute({ baseDir: base, tunedDir: tuned });
    return { summary: "untrained reranker stored", facts: null };
  },
});
