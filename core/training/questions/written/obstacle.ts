import { UNMEASURABLE } from "../../../../contracts/names.ts";
import { stepsOf } from "../../loop/epochs.ts";
import { readPairs } from "../../pairs.ts";
import type { TrainingCorpus } from "../../trainingCorpus.ts";
import { chooseQuestions, pagesOf } from "../chooseQuestions.ts";
import { allQuestions } from "../questions.ts";

/** What a training would have beside the questions that an LLM writes. */
export interface TrainingPlanned {
  /** A question set measures the training. */
  judged: boolean;
  /** The operator's labelled pairs, or null. */
  pairsFile: string | null;
  /** Labels of accepted votes. */
  votes: number;
  /** Nothing is trained with fewer steps. */
  leastSteps: number;
  seed: number;
}

/**
 * Why no training can follow, whatever an LLM writes, in words that follow "not trained: "; null if one may. Time is no
 * part of it, as only the training measures that. Throws BadInput for a malformed pair.
 *
 * @param written questions that the LLM would write
 */
export async function obstacleToTraining(
  corpus: TrainingCorpus,
  { judged, pairsFile, votes, leastSteps, seed }: TrainingPlanned,
  written: number,
): Promise<string | null> {
  const { splitOf } = pagesOf({ strict: false }, corpus, []);
  const { train, allPages } = chooseQuestions({ seed }, corpus, allQuestions(corpus, seed), splitOf);
  if (!judged && allPages) return UNMEASURABLE;
  const pairs = pairsFile === null ? 0 : (await readPairs(pairsFile)).length;
  const steps = stepsOf(train.length + written + pairs + votes);
  if (steps >= leastSteps) return null;
  return `all questions together give at most ${steps} steps, and fewer than ${leastSteps} are not worth their time`;
}
