import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { readRequested, type WriteRequest, writeWritten } from "../artifacts/written.ts";
import { PROMPT_VERSION } from "../training/questions/written/prompt.ts";
import { labelsRead } from "./labels.ts";
import { llmOf, repliesTo } from "./llmCalls.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface WriteInput extends StageInput {
  ingest: ArtifactRef;
  /** Questions wanted. */
  count: number;
  /** Judged question set, which measures the training, or null. */
  questions: string | null;
  /** The operator's labelled pairs, or null. */
  pairs: string | null;
  /** Nothing is trained with fewer steps. */
  leastSteps: number;
  seed: number;
}

/**
 * Lets the LLM write training questions. Replies are saved at once, so a retry requests only the missing ones. Nothing is
 * requested if no training can follow.
 */
export const writeQuestions = defineStage({
  name: "written",
  of: "train",
  queue: "winnow-cpu",
  reads: async ({ corpus, ingest, pairs }: WriteInput, context) => ({
    passages: ingest,
    pairs: pairs === null ? null : { file: pairs },
    votes: await labelsRead(context, corpus),
  }),
  options: ({ count, questions, leastSteps, seed }: WriteInput, context) => ({
    ...{ count, judged: questions !== null, leastSteps, seed },
    ...{ model: llmOf(context).model, prompt: PROMPT_VERSION },
  }),
  work: works.writeQuestions,
  also: [{ file: "core/training/questions/written/write.ts", names: ["WRITING", "readReplies"] }],
  async run(found, { count, questions: judgedFile, leastSteps, seed }: WriteInput, run) {
    const { outDir, context } = run;
    const { WRITING, readReplies } = await import("../training/questions/written/write.ts");
    const planned = {
      judged: judgedFile !== null,
      pairsFile: found.pairs,
      votes: found.votes.length,
      leastSteps,
      seed,
    };
    const { obstacle } = await run.compute({ ingestDir: found.passages, count, ...planned });
    const requests = await readRequested<WriteRequest>(outDir);
    const { replies, cached } = await repliesTo(requests, WRITING, "writing questions", run);
    const { questions, rejected } = readReplies(requests, replies);
    const { model } = llmOf(context);
    const asked = requests.length;
    const written = questions.length;
    await writeWritten(outDir, questions, { model, asked, written, rejected });
    const summary = `${written} questions for ${asked} passages by ${model}, ${cached} replies from the cache`;
    return { summary, facts: { written, ...(obstacle === null ? {} : { obstacle }) } };
  },
});
