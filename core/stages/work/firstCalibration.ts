import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { type FittedOn, writeCalibration } from "../../artifacts/evaluation.ts";
import { givenDigest } from "../../base/given/digest.ts";
import type { WorkContext } from "../../base/progress.ts";
import { type Question, questionSchema } from "../../judging/question.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import { withPageRemoved } from "../../judging/scored.ts";
import { serveOutOfFold } from "../../judging/served.ts";
import { openEmbedder } from "../../models/families/index.ts";
import { openRetriever, type Retriever } from "../../retrieval/retriever.ts";
import { DEPTH } from "./evaluate.ts";
import { heldoutOf } from "./makeHeldout.ts";
import { scoreQuestions } from "./scoreQuestions.ts";

/** Generated questions to calibrate on. Somebody waits for the first answer, and a hundred place the threshold. */
const MOST_GENERATED = 100;

export interface CalibrateArgs extends CorpusDirs {
  /** Model folder of the embedder. */
  modelDir: string;
  /** Judged question set, or null. */
  questionsFile: string | null;
  falseAnswers?: number;
  seed: number;
  outDir: string;
}

/**
 * Fits P(relevant) and threshold of retrieval by the rules of an evaluation, without its measurements. Writes nothing
 * if there are no answerable questions. Throws `BadQuestionSet`, `CorruptArtifact`, `BadModel`, `Cancelled`.
 */
export async function calibrateRetrieval(args: CalibrateArgs, context: WorkContext): Promise<FittedOn> {
  const { questionsFile: file, falseAnswers, outDir } = args;
  const source = file === null ? "generated" : "judged";
  const embedder = await openEmbedder(args.modelDir, context.compute);
  try {
    const retriever = await openRetriever({ ...args, embedder, vectors: context.compute.vectors });
    try {
      const questions = file === null ? await generated(args, retriever) : await loadQuestionSet(file);
      const parts = { retriever, embedder, rerankers: {}, depth: DEPTH };
      const { scored } = await scoreQuestions(questions, parts, context);
      const fitted: FittedOn = {
        source,
        questions: scored.filter(({ answerable }) => answerable).length,
        questionSet: file === null ? null : await givenDigest(file),
      };
      if (fitted.questions === 0) return fitted;
      const served = serveOutOfFold(withPageRemoved(scored), null, { source, falseAnswers });
      const { calibration: retrieval } = served;
      await writeCalibration(outDir, { reranked: null, retrieval, logit: null, precision: "float32" }, fitted);
      return fitted;
    } finally {
      retriever.close();
    }
  } finally {
    await embedder.close();
  }
}

async function generated(args: CalibrateArgs, search: Retriever): Promise<Question[]> {
  const { heldout } = await heldoutOf(args, search, MOST_GENERATED);
  return heldout.map((line) => questionSchema.parse(line));
}
