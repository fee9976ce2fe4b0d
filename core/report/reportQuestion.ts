import type { AskDecision } from "../judging/limits.ts";

/** A place in the docs. */
export interface Place {
  page: string;
  heading: string;
  /** Address of the section; only `http` and `https` become links. */
  url: string;
}

/** A judged place, and the rank of the first passage that holds it; null if none of the candidates does. */
export interface WantedPlace extends Place {
  grade: 1 | 2;
  rank: number | null;
}

/** One question as served. */
export interface ReportQuestion {
  id: string;
  query: string;
  kind: string;
  mustPass: boolean;
  outcome: Outcome;
  wanted: WantedPlace[];
  /** First passage as served, with the words nearest to the question; null if nothing was retrieved. */
  first: (Place & { words: string; relevance: number }) | null;
  /** nDCG@10 as served; null for a question that the docs do not answer. */
  ndcg: number | null;
}

/** Outcomes of a question, those that need a person first. */
export const OUTCOMES = {
  wrong: "Answered from other passages than the judged ones",
  refused: "Refused, though the docs answer",
  answered: "Answered, though the docs do not",
  lower: "Answered from a judged passage that is not first",
  right: "Answered from a judged passage, which is first",
  unsure: "Not sure: the closest passages are shown, said to be no sure answer",
  declined: "Rightly refused",
  stale: "Stale, so not scored",
} as const;
export type Outcome = keyof typeof OUTCOMES;

/** True for the outcomes that are mistakes. */
export function isMistake(outcome: Outcome): boolean {
  return outcome === "wrong" || outcome === "refused" || outcome === "answered";
}

/** The outcome of a scored question. `used` says for each passage behind the answer whether it is judged. */
export function outcomeOf(answerable: boolean, decision: AskDecision, used: readonly boolean[]): Outcome {
  if (decision === "refuse") return answerable ? "refused" : "declined";
  if (decision === "unsure") return "unsure";
  if (!answerable) return "answered";
  if (used[0]) return "right";
  return used.some(Boolean) ? "lower" : "wrong";
}
