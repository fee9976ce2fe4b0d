import { queryTerms } from "../../retrieval/tokenize.ts";
import type { Random } from "../questions/phrasing.ts";
import type { TrainingQuestion } from "../questions/question.ts";
import { leafHeading, type Section, sectionKey, type TrainingCorpus } from "../trainingCorpus.ts";
import { NearDuplicates } from "./nearDuplicates.ts";

/** A retrieved candidate with its score on the teacher's scale (`teacherScore`). */
export interface ScoredCandidate {
  position: number;
  score: number;
}

/** Which eligible candidates are taken: the best ranked, a random sample, or half of each. */
export type Sampling = "top" | "random" | "mixed";

/** Options of hard-negative mining, named as in `mine_hard_negatives` of sentence-transformers. */
export interface MiningOptions {
  /** Negatives per group: `hard` are mined, `random` come from other pages. */
  hard: number;
  random: number;
  /** Ranks (1-based, inclusive) that candidates are taken from. The default is the depth that serving reranks. */
  firstRank: number;
  lastRank: number;
  /**
   * A candidate that exceeds the positive's score by more than this margin probably answers the question too. The
   * margin is the smaller of an absolute value and a share of the positive's score. Negative values require a score
   * below the positive's.
   */
  absoluteMargin: number;
  relativeMargin: number;
  /** Range of a negative's score on the teacher's scale. Null means no bound. */
  minScore: number | null;
  maxScore: number | null;
  sampling: Sampling;
}

export const MINING_DEFAULTS: MiningOptions = {
  hard: 5,
  random: 2,
  firstRank: 1,
  lastRank: 30,
  absoluteMargin: 2,
  relativeMargin: 0.25,
  minScore: null,
  maxScore: null,
  sampling: "mixed",
};

/** Number of candidates taken, and of those skipped by reason, over a run. */
export interface MiningCounts {
  taken: number;
  positive: number;
  sameSection: number;
  nearDuplicate: number;
  linked: number;
  scoresTooHigh: number;
  scoresTooLow: number;
  sameHeading: number;
}

export type Drop = Exclude<keyof MiningCounts, "taken">;

/** Score of the fused teacher: cosine and BM25 are scaled to the size of a logit and added. */
export function teacherScore(cosine: number, bm25: number): number {
  return cosine / 0.08 + bm25 / 6;
}

/** Chooses negatives for questions over one corpus and counts the skipped candidates by reason. */
export class NegativeMiner {
  readonly counts: MiningCounts = {
    taken: 0,
    positive: 0,
    sameSection: 0,
    nearDuplicate: 0,
    linked: 0,
    scoresTooHigh: 0,
    scoresTooLow: 0,
    sameHeading: 0,
  };
  private readonly duplicates: NearDuplicates;
  private readonly linksOf: Map<number, Set<string>>;

  /** @param allowed pages whose passages may be negatives: those of the same split. */
  constructor(
    private readonly corpus: TrainingCorpus,
    private readonly options: MiningOptions = MINING_DEFAULTS,
    private readonly allowed: (page: string) => boolean = () => true,
  ) {
    this.duplicates = new NearDuplicates((position) => corpus.passages.at(position)!.text);
    this.linksOf = linksByPassage(corpus);
  }

  /**
   * Samples hard negatives, by `sampling`, from the retriever's candidates inside the rank range. Skips the positive's
   * section, its near-duplicates and passages linked with it. Also skips those that score so far above it that they
   * probably answer too. May return fewer than `hard`.
   */
  hardNegatives(
    question: TrainingQuestion,
    candidates: ScoredCandidate[],
    positiveScore: number,
    random: Random,
  ): number[] {
    const { firstRank, lastRank, hard, sampling, maxScore, minScore } = this.options;
    const margin = positiveScore + this.marginAbove(question, positiveScore);
    const ceiling = Math.min(margin, maxScore ?? Number.POSITIVE_INFINITY);
    const floor = minScore ?? Number.NEGATIVE_INFINITY;
    const dropByScore = (score: number) =>
      score > ceiling ? ("scoresTooHigh" as const) : score < floor ? ("scoresTooLow" as const) : null;
    const eligible: number[] = [];
    const fromAllowed = candidates.filter(({ position }) => this.allowed(this.corpus.sections[position]!.page));
    for (const { position, score } of fromAllowed.slice(firstRank - 1, lastRank)) {
      const drop = this.dropOf(question, position) ?? dropByScore(score);
      if (drop === null) eligible.push(position);
      else this.counts[drop]++;
    }
    const best = { top: hard, mixed: Math.ceil(hard / 2), random: 0 }[sampling];
    const top = eligible.slice(0, best);
    const spread = sample(eligible.slice(top.length), hard - top.length, random);
    this.counts.taken += top.length + spread.length;
    return [...top, ...spread];
  }

  /** Random passages of other pages: the reranker must learn that they are irrelevant. */
  randomNegatives(question: TrainingQuestion, count: number, taken: number[], random: Random): number[] {
    const { page } = this.corpus.sections[question.position]!;
    const chosen: number[] = [];
    for (let tries = 0; chosen.length < count && tries < 20 * count; tries++) {
      const position = Math.floor(random() * this.corpus.passages.length);
      const sameAsOther = taken.includes(position) || chosen.includes(position);
      const other = this.corpus.sections[position]!.page;
      if (sameAsOther || other === page || !this.allowed(other)) continue;
      if (this.dropOf(question, position) === null) chosen.push(position);
    }
    return chosen;
  }

  /** Reason why the passage may not be a negative of the question, or null. */
  dropOf(question: TrainingQuestion, position: number): Drop | null {
    if (position === question.position || question.related.includes(position)) return "positive";
    const [positive, candidate] = [this.corpus.sections[question.position]!, this.corpus.sections[position]!];
    if (question.scope === "page" && positive.page === candidate.page) return "sameSection";
    if (sectionKey(positive) === sectionKey(candidate)) return "sameSection";
    if (answersByHeading(question.text, leafHeading(candidate), candidate.heading)) return "sameHeading";
    if (this.links(position, positive) || this.links(question.position, candidate)) return "linked";
    return this.duplicates.near(question.position, position) ? "nearDuplicate" : null;
  }

  /**
   * Margin by which a negative may outscore the positive. Questions taken from a sentence use a quarter of it.
   * Retrieval finds them by their own words, so a higher score most likely means the same statement.
   */
  private marginAbove(question: TrainingQuestion, positiveScore: number): number {
    const { absoluteMargin, relativeMargin } = this.options;
    const margin = Math.min(absoluteMargin, Math.abs(positiveScore) * relativeMargin);
    return question.evidence === null ? margin : margin / 4;
  }

  /** True when the passage at `from` links to the section `to`, or to its page as a whole. */
  private links(from: number, to: Section): boolean {
    const targets = this.linksOf.get(from);
    return targets !== undefined && (targets.has(to.page) || targets.has(`${to.page}\n${leafHeading(to)}`));
  }
}

/** Share of the question that a heading must cover to be on the same topic. */
const SAME_TOPIC = 0.6;

/** True if a passage's heading trail covers the whole question, or its own heading most of it. */
function answersByHeading(question: string, leaf: string, trail: string[]): boolean {
  const asked = queryTerms(question);
  const own = queryTerms(leaf);
  const whole = new Set(queryTerms(trail.join(" ")));
  if (asked.some((term) => own.includes(term)) && asked.every((term) => whole.has(term))) return true;
  return own.length >= 2 && own.length >= SAME_TOPIC * asked.length && own.every((term) => asked.includes(term));
}

/** Link targets of each passage, by position: `page` for a whole page, `page\nheading` for a section. */
function linksByPassage(corpus: TrainingCorpus): Map<number, Set<string>> {
  const links = new Map<number, Set<string>>();
  for (const { passageId, targetPage, targetHeading } of corpus.links) {
    const from = corpus.byId.get(passageId);
    if (from === undefined) continue;
    const targets = links.get(from) ?? new Set();
    links.set(from, targets.add(targetHeading === null ? targetPage : `${targetPage}\n${targetHeading}`));
  }
  return links;
}

/** Picks `count` items in their order. Every subset is equally likely. */
function sample<T>(items: T[], count: number, random: Random): T[] {
  let needed = count;
  return items.filter((_, index) => {
    if (random() * (items.length - index) >= needed) return false;
    needed--;
    return true;
  });
}
