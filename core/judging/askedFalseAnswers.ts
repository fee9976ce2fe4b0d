import type { AskedFalseAnswers } from "../../contracts/evaluation.ts";
import { PAGE_REMOVED, type ScoredQuestion } from "./scored.ts";

/** The requested share, and which of the `questions` the threshold was fitted on. */
export function askedFalseAnswers(share: number, questions: readonly ScoredQuestion[]): AskedFalseAnswers {
  const standIns = questions.some(({ kind }) => kind === PAGE_REMOVED);
  return { share, keptOn: standIns ? "page-removed" : "unanswerable" };
}

/** Describes the requested share in words. */
export function describeAsked({ share, keptOn }: AskedFalseAnswers): string {
  const asked = `at most ${(100 * share).toFixed(1).replace(/\.0$/, "")} % false answers were requested`;
  return keptOn === "unanswerable"
    ? `${asked}: the threshold is the lowest that keeps to it on the set's unanswerable questions`
    : `${asked}, but no question of the set is unanswerable: the threshold keeps to it on the same questions with their pages removed. Questions that the docs do not answer may fare worse: add some to the set`;
}
