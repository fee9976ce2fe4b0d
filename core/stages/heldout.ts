import { type CorpusRefs, corpusArgs, corpusReads } from "./corpusRefs.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface HeldoutInput extends StageInput, CorpusRefs {
  seed: number;
}

/** Makes questions, on held-out pages if there are any, to evaluate on where nothing is trained and there is no question set. */
export const heldout = defineStage({
  name: "heldout",
  of: "train",
  queue: "winnow-cpu",
  reads: (input: HeldoutInput) => corpusReads(input),
  options: ({ seed }: HeldoutInput) => ({ seed }),
  work: works.heldout,
  async run(found, { seed }: HeldoutInput, { compute }) {
    const { questions, allPages } = await compute({ ...corpusArgs(found), seed });
    const about = allPages ? "about all pages, since no held-out page gives one" : "about held-out pages";
    return { summary: `${questions} questions ${about}`, facts: allPages ? { allPages: true as const } : {} };
  },
});
