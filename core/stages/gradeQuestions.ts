import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { type GradeRequest, readRequested, readWritten, writeWritten } from "../artifacts/written.ts";
import { type CorpusRefs, corpusArgs, corpusReads } from "./corpusRefs.ts";
import { llmOf, repliesTo } from "./llmCalls.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface GradeInput extends StageInput, CorpusRefs {
  /** Artifact of `writeQuestions`. */
  written: ArtifactRef;
  seed: number;
}

/**
 * Lets the LLM grade the passages that retrieval finds for each written question, because the passage that a question
 * was written for is not always the one that answers it, and rarely the only one.
 */
export const gradeQuestions = defineStage({
  name: "graded",
  of: "train",
  queue: "winnow-cpu",
  reads: (input: GradeInput) => ({ ...corpusReads(input), written: input.written }),
  options: ({ seed }: GradeInput, context) => ({ seed, model: llmOf(context).model }),
  work: works.gradeQuestions,
  also: [{ file: "core/training/questions/written/grade.ts", names: ["GRADING", "readGrades"] }],
  async run(found, { seed }: GradeInput, run) {
    const { outDir } = run;
    const { GRADING, readGrades } = await import("../training/questions/written/grade.ts");
    await run.compute({ ...corpusArgs(found), writtenDir: found.written, seed });
    const requests = await readRequested<GradeRequest>(outDir);
    const { replies, cached } = await repliesTo(requests, GRADING, "grading passages", run);
    const { questions, unanswered, ungraded } = readGrades(requests, replies);
    const { stats } = await readWritten(found.written);
    await writeWritten(outDir, questions, { ...stats, unanswered, ungraded });
    const answered = questions.length;
    const summary = `${answered} of ${requests.length} written questions are answered, ${cached} replies from the cache`;
    return { summary, facts: { answered } };
  },
});
