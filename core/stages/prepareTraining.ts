import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { writtenLine } from "../training/questions/written/graded.ts";
import { votesLine } from "../training/votes.ts";
import { type CorpusRefs, corpusArgs, corpusReads } from "./corpusRefs.ts";
import { labelsRead } from "./labels.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface PrepareInput extends StageInput, CorpusRefs {
  /** Judged question set, whose questions are kept out of training. */
  questions: string | null;
  /** The operator's labelled pairs, or null. */
  pairs: string | null;
  /** Artifact of `gradeQuestions`, or null. */
  written: ArtifactRef | null;
  /** Artifacts of `mineShard`; if empty, all candidates are retrieved here. */
  mined: ArtifactRef[];
  strict: boolean;
  seed: number;
}

/** Identifies the training data of a corpus, but for accepted votes. Mining in shards does not change it. */
export function preparationReads(input: Omit<PrepareInput, "mined">) {
  const { questions, pairs, written } = input;
  return {
    ...corpusReads(input),
    questions: questions === null ? null : { file: questions },
    pairs: pairs === null ? null : { file: pairs },
    written,
  };
}

/** Makes training questions with mined negatives, split by page, and held-out questions. */
export const prepareTraining = defineStage({
  name: "train-data",
  of: "train",
  queue: "winnow-cpu",
  reads: async (input: PrepareInput, context) => ({
    ...preparationReads(input),
    votes: await labelsRead(context, input.corpus),
  }),
  options: ({ strict, seed }: PrepareInput) => ({ strict, seed }),
  work: works.prepareTraining,
  async run(found, { mined, strict, seed }: PrepareInput, { open, compute }) {
    const minedDirs = await Promise.all(mined.map(open));
    const { questions: questionsFile, pairs: pairsFile, written: writtenDir, votes: labels } = found;
    const files = { questionsFile, pairsFile, writtenDir, minedDirs, labels };
    const report = await compute({ ...corpusArgs(found), ...files, strict, seed });
    const line = report.written ? `; ${writtenLine(report.written)}` : "";
    const few = report.allPages ? "; no held-out page gives a question, so questions are about all pages" : "";
    return {
      summary: `${report.groups} questions with negatives${line}${few}`,
      facts: {
        groups: report.groups,
        ...(report.allPages ? { allPages: true as const } : {}),
        ...(report.votes ? { voted: votesLine(report.votes) } : {}),
      },
    };
  },
});
