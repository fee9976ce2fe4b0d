import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface UntrainedInput extends StageInput {
  /** Model that training starts from. */
  base: ArtifactRef;
  /** Artifact of `prepareTraining`, whose passages give the rarity of each token in the docs. */
  data: ArtifactRef;
}

/** Makes the reranker as it is before training, with its int8 twin: the baseline for fine-tuning. */
export const untrained = defineStage({
  name: "untrained",
  of: "train",
  queue: "winnow-cpu",
  reads: ({ base, data }: UntrainedInput) => ({ base, data }),
  options: (_input: UntrainedInput) => ({}),
  work: works.untrained,
  async run({ base, data }, _input: UntrainedInput, { compute }) {
    await compute({ baseDir: base, dataDir: data });
    return { summary: "untrained reranker stored", facts: null };
  },
});
