import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { readRequested, type WriteRequest, writeWritten } from "../artifacts/written.ts";
import { PROMPT_VERSION } from "../training/questions/written/prompt.ts";
import { llmOf, repliesTo } from "./llmCalls.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface WriteInput extends StageInput {
  ingest: ArtifactRef;
  /** Questions wanted. */
  count: number;
  seed: number;
}

/** Lets the LLM write training questions. Replies are saved at once, so a retry requests only the missing ones. */
export const writeQuestions = defineStage({
  name: "written",
  of: "train",
  queue: "winnow-cpu",
  reads: ({ ingest }: WriteInput) => ({ passages: ingest }),
  options: ({ count, seed }: WriteInput, context) => ({
    ...{ count, seed, model: llmOf(context).model, prompt: PROMPT_VERSION },
  }),
  work: works.writeQuestions,
  also: [{ file: "core/training/questions/written/write.ts", names: ["WRITING", "readReplies"] }],
  async run({ passages }, { count, seed }: WriteInput, run) {
    const { outDir, context } = run;
    const { WRITING, readReplies } = await import("../training/questions/written/write.ts");
    await run.compute({ ingestDir: passages, count, seed });
    const requests = await readRequested<WriteRequest>(outDir);
    const { replies, cached } = await repliesTo(requests, WRITING, "writing questions", run);
    const { questions, rejected } = readReplies(requests, replies);
    const { model } = llmOf(context);
    const asked = requests.length;
    const written = questions.length;
    await writeWritten(outDir, questions, { model, asked, written, rejected });
    const summary = `${written} questions for ${asked} passages by ${model}, ${cached} replies from the cache`;
    return { summary, facts: { written } };
  },
});
