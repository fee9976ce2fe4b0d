import type { Limits, SearchResult } from "../../contracts/passage.ts";
import { sigmoid } from "./logistic.ts";
import {
  type Decidable,
  evenCuts,
  findableOf,
  logOdds,
  refuses,
  share,
  smoothedShare,
  unanswerableOf,
} from "./threshold.ts";

/** Shares that the limits aim at: of answerable questions below the lower, of unanswerable ones above the upper. */
export const AIMS = { falseRefusals: 0.03, falseAnswers: 0.05 };
/** Most questions between the limits, as a share: a third answer that comes too often says nothing. */
export const MOST_UNSURE = 0.2;
const STEPS = 50;

/** What `ask` does with a question. */
export type AskDecision = "refuse" | "unsure" | "answer";

/** How `ask` treats a question whose best relevance is `best`. */
export function decisionOf({ refuse, answer }: Limits, best: number): AskDecision {
  if (refuses(refuse, best)) return "refuse";
  return refuses(answer, best) ? "unsure" : "answer";
}

/** Smallest relevance of a passage that an answer may use. Where the release is not sure, the closest match may be. */
export function leastUsed({
  threshold,
  limits,
  unsure,
}: Pick<SearchResult, "threshold" | "limits" | "unsure">): number {
  return unsure ? limits.refuse : threshold;
}

/**
 * The limits around a threshold. They aim at `AIMS` on the smoothed scores of the questions, and move towards the
 * threshold, both in equal parts, until at most `MOST_UNSURE` of each kind, on average, lies between them. Both are the
 * threshold if one kind of question is missing.
 */
export function chooseLimits(questions: readonly Decidable[], threshold: number): Limits {
  const [findable, unanswerable] = [findableOf, unanswerableOf].map((of) =>
    of([...questions]).map(({ best }) => logOdds(best)),
  );
  if (!findable?.length || !unanswerable?.length) return { refuse: threshold, answer: threshold };
  const all = [...findable, ...unanswerable].sort((a, b) => a - b);
  const above = smoothedShare(all);
  const middle = logOdds(threshold);
  const cuts = evenCuts(Math.min(middle, all[0]!), Math.max(middle, all.at(-1)!));
  const lowest =
    cuts.filter((cut) => cut <= middle && 1 - above(findable, cut) <= AIMS.falseRefusals).at(-1) ?? cuts[0]!;
  const highest = cuts.find((cut) => cut >= middle && above(unanswerable, cut) <= AIMS.falseAnswers) ?? cuts.at(-1)!;
  const towards = (end: number, part: number) => middle + part * (end - middle);
  const between = (scores: number[], part: number) =>
    above(scores, towards(lowest, part)) - above(scores, towards(highest, part));
  const isFew = (part: number) => (between(findable, part) + between(unanswerable, part)) / 2 <= MOST_UNSURE;
  const part = Array.from({ length: STEPS + 1 }, (_, step) => 1 - step / STEPS).find(isFew) ?? 0;
  return {
    refuse: Math.min(threshold, sigmoid(towards(lowest, part))),
    answer: Math.max(threshold, sigmoid(towards(highest, part))),
  };
}

/** Rates under limits that may differ by question. */
export function unsureRates<Q extends Decidable & { limits: Limits }>(questions: readonly Q[]) {
  const decides = (what: string) => (question: Q) => decisionOf(question.limits, question.best) === what;
  const rate = share(questions, decides("unsure"));
  if (rate === null) return null;
  return {
    rate,
    falseAnswerRate: share(unanswerableOf(questions), decides("answer")),
    falseRefusalRate: share(findableOf(questions), decides("refuse")),
  };
}
