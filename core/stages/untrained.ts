import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface UntrainedInput extends StageInput {
  /** Model that training starts from. */
  base: ArtifactRef;
  /** The passages, which give the rarity of each token in the docs. */
  ingest: ArtifactRef;
}

/** Makes the reranker as it is before training, with its int8 twin: the baseline for fine-tuning. */
export const untrained = defineStage({
  name: "untrained",
  of: "train",
  queue: "winnow-cpu",
  reads: ({ base, ingest }: UntrainedInput) => ({ base, passages: ingest }),
  options: (_input: UntrainedInput) => ({}),
  work: works.untrained,
  async run({ base, passages }, _input: UntrainedInput, { compute }) {
    await compute({ baseDir: base, ingestDir: passages });
    return { summary: "untrained reranker stored", facts: null };
  },
});
