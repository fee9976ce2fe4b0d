import type { AskedFalseAnswers } from "../../contracts/evaluation.ts";
import { PAGE_REMOVED, type ScoredQuestion } from "./scored.ts";

/** The requested share, which of the `questions` the threshold was fitted on, and the bound that their number gives. */
export function askedFalseAnswers(share: number, questions: readonly ScoredQuestion[]): AskedFalseAnswers {
  const unanswerable = questions.filter(({ answerable }) => !answerable);
  const standIns = unanswerable.some(({ kind }) => kind === PAGE_REMOVED);
  return {
    ...{ share, keptOn: standIns ? "page-removed" : "unanswerable" },
    ...{ questions: unanswerable.length, promise: promiseOf(share, unanswerable.length) },
  };
}

/**
 * The bound of split conformal prediction (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005): a
 * threshold that `kept` of `count` exchangeable questions pass is passed by the next one with a probability of at most
 * (kept + 1) / (count + 1).
 */
function promiseOf(share: number, count: number): number {
  const kept = Math.floor(share * count + 1e-9);
  return Math.min(1, (kept + 1) / (count + 1));
}

/** Describes the requested share in words. */
export function describeAsked({ share, keptOn, questions, promise }: AskedFalseAnswers): string {
  const asked = `at most ${percent(share)} false answers were requested`;
  const promised = `${questions} questions can promise ${percent(promise)} for the next one like them`;
  return keptOn === "unanswerable"
    ? `${asked}: the threshold is the lowest that keeps to it on the set's unanswerable questions. ${promised}`
    : `${asked}, but no question of the set is unanswerable: the threshold keeps to it on the same questions with their pages removed. Questions that the docs do not answer may fare worse: add some to the set. ${promised}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).replace(/\.0$/, "")} %`;
}
