import type { Receipt, ReceiptCandidate } from "../../contracts/ask.ts";
import type { RankedPassage, SearchResult } from "../../contracts/passage.ts";
import { apart } from "../base/apart.ts";
import { leastUsed } from "../judging/limits.ts";

/** A candidate, with or without its text. */
type Candidate = Omit<RankedPassage, "text">;

export interface Selection<P extends Candidate = RankedPassage> {
  /** Passages for the answer, in served order. */
  selected: P[];
  /** Reason for dropping each other candidate, by passage id. */
  dropped: Map<string, string>;
}

/** A search result, with or without its texts. */
interface Found extends Omit<SearchResult, "passages"> {
  passages: Candidate[];
}

const MAX_HEADING = 120;
const MAX_TRAIL = 6;

/**
 * The first `count` passages, in served order, whose relevance reaches the threshold, and the reasons for dropping the
 * others.
 */
export function selectPassages<P extends Candidate>(ranked: P[], threshold: number, count: number): Selection<P> {
  const selected: P[] = [];
  const dropped = new Map<string, string>();
  for (const passage of [...ranked].sort((a, b) => a.rank.served - b.rank.served)) {
    const { relevance } = passage.scores;
    if (relevance < threshold) {
      const [shown, limit] = apart(relevance, threshold);
      dropped.set(passage.id, `relevance ${shown} is below the threshold ${limit}`);
    } else if (selected.length === count) dropped.set(passage.id, `not among the ${count} best`);
    else selected.push(passage);
  }
  return { selected, dropped };
}

/** The receipt of an answer: every candidate with all its scores. Long headings are cut, so that it fits a payload. */
export function buildReceipt(
  search: Found,
  selection: Selection<Candidate>,
  answer: { corpus: string; refusedBy: Receipt["refusedBy"]; model: string | null; unsure?: boolean },
): Receipt {
  return {
    release: search.release,
    corpus: answer.corpus,
    ranking: search.ranking,
    threshold: search.threshold,
    limits: search.limits,
    refusedBy: answer.refusedBy,
    why: answer.unsure
      ? whyUnsure(search)
      : answer.refusedBy && whyRefused(answer.refusedBy, search, selection.selected.length),
    model: answer.model,
    ...(search.unmeasured ? { unmeasured: true as const } : {}),
    candidates: search.passages.map((passage) => candidateOf(passage, selection.dropped.get(passage.id) ?? null)),
  };
}

function whyRefused(stage: NonNullable<Receipt["refusedBy"]>, search: Found, used: number): string {
  if (search.passages.length === 0) return "the search found no passage";
  if (search.unmeasured && stage === "threshold")
    return "no passage is near enough, by the estimate of a release that is not measured yet";
  const limit = stage === "threshold" ? search.limits.refuse : leastUsed(search);
  const [best, threshold] = apart(bestRelevance(search.passages), limit);
  const drawnOn = `the ${used === 1 ? "passage" : `${used} passages`} used (best relevance ${best}, threshold ${threshold})`;
  return {
    threshold: `the best relevance, ${best}, is below the threshold ${threshold}`,
    quotation: `there is nothing to quote in ${drawnOn}`,
    llm: `the language model found no answer in ${drawnOn}`,
  }[stage];
}

function whyUnsure(search: Found): string {
  const { refuse, answer } = search.limits;
  const [best, low] = apart(bestRelevance(search.passages), refuse);
  const [, high] = apart(bestRelevance(search.passages), answer);
  return `the best relevance, ${best}, lies between ${low}, below which a question is refused, and ${high}, from which it is answered`;
}

/** The highest relevance among candidates; 0 without any. */
export function bestRelevance(candidates: readonly Pick<Candidate, "scores">[]): number {
  return Math.max(0, ...candidates.map(({ scores }) => scores.relevance));
}

function candidateOf(passage: Candidate, dropped: string | null): ReceiptCandidate {
  const { id, page, url, scores, rank } = passage;
  const heading = shortHeading(passage.heading);
  return { id, page, heading, url, scores, rank, dropped };
}

/** The trail's title and its last steps, each at most 120 characters. */
export function shortHeading(trail: string[]): string[] {
  const steps = trail.length <= MAX_TRAIL ? trail : [trail[0]!, ...trail.slice(1 - MAX_TRAIL)];
  return steps.map((step) => (step.length <= MAX_HEADING ? step : `${step.slice(0, MAX_HEADING - 1)}…`));
}
