import { type CorpusRefs, corpusArgs, corpusReads } from "./corpusRefs.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface FirstCalibrationInput extends StageInput, CorpusRefs {
  /** Judged question set; null generates questions on held-out pages. */
  questions: string | null;
  /** Same as in `PipelineInput`. */
  falseAnswers?: number;
  seed: number;
}

/** Calibrates retrieval alone, in seconds, for a release that serves before it is measured. */
export const firstCalibration = defineStage({
  name: "calibration",
  of: "deploy",
  queue: "winnow-cpu",
  reads: (input: FirstCalibrationInput) => ({
    ...corpusReads(input),
    questions: input.questions === null ? null : { file: input.questions },
  }),
  options: ({ falseAnswers, seed }: FirstCalibrationInput) => ({
    seed,
    ...(falseAnswers === undefined ? {} : { falseAnswers }),
  }),
  work: works.firstCalibration,
  async run(found, { falseAnswers, seed }: FirstCalibrationInput, { compute }) {
    const fitted = await compute({ ...corpusArgs(found), questionsFile: found.questions, falseAnswers, seed });
    const summary = `retrieval calibrated on ${fitted.questions} ${fitted.source} questions`;
    return { summary, facts: { questions: fitted.questions } };
  },
});
