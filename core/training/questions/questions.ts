import { seededRandom, shuffled } from "../../base/random.ts";
import { queryTerms } from "../../retrieval/tokenize.ts";
import { generatedPages, type TrainingCorpus } from "../trainingCorpus.ts";
import { definitionQuestions } from "./definitionQuestions.ts";
import { headingQuestions, titleQuestions } from "./headingQuestions.ts";
import { linkQuestions } from "./linkQuestions.ts";
import type { QuestionSource, TrainingQuestion } from "./question.ts";
import { sentenceQuestions } from "./sentenceQuestions.ts";

export interface SamplingOptions {
  /** Questions wanted. */
  max: number;
  seed: number;
  /** Questions a page may give: this times the square root of its passages, so that long pages do not dominate. */
  perPage?: number;
  /** Below this number of questions, sentences of the docs are added. Default: `FEWEST`. */
  fewest?: number;
}

type Shares = Partial<Record<QuestionSource, number>>;

/** Share of each source in a full sample. If one source falls short, the others fill the gap. */
const SHARES: Shares = { heading: 0.27, title: 0.1, link: 0.3, task: 0.18, condition: 0.15 };
/**
 * Sentence questions only fill a sample up to `FEWEST`. They teach the model to look for the docs' own words, which
 * cost people's questions 0.01 to 0.02 nDCG@10.
 */
const SHARES_OF_SENTENCES: Shares = { cloze: 0.43, keywords: 0.36, definition: 0.21 };
export const FEWEST = 40;
export const SENTENCE_SOURCES = Object.keys(SHARES_OF_SENTENCES) as QuestionSource[];
const MAX_OF_SHARE = 1.5;
/** Number of other questions that one written question replaces. */
const DISPLACED = 3;
const PER_PAGE = 3;
/** Corpora with fewer pages than this give more questions per page. */
const FEW_PAGES = 300;
/** Limit for a page of generated reference: its sections are much alike. */
const PER_GENERATED_PAGE = 2;
/** Fewest words of a question made from a sentence. */
const FEWEST_WORDS = 4;
const FROM_SENTENCE: QuestionSource[] = ["cloze", "keywords", "condition"];
const QUESTION_LENGTH = { least: 2, most: 30 };

/** All questions of the docs, in random order, without duplicates. Deterministic for a seed. */
export function allQuestions(corpus: TrainingCorpus, seed: number): TrainingQuestion[] {
  const random = seededRandom(seed);
  const everything = [headingQuestions, titleQuestions, linkQuestions, sentenceQuestions, definitionQuestions].flatMap(
    (make) => make(corpus, random).filter(isAskable).map(detached),
  );
  return deduplicated(shuffled(everything, random));
}

/** A copy. The part of a string that `slice` returns keeps the whole string in memory, here the passage's text. */
function detached(question: TrainingQuestion): TrainingQuestion {
  return structuredClone(question);
}

/**
 * A balanced sample with a limit per page and a share per source. Each written question replaces three others, up to
 * half of the sample: written questions come nearest to how people ask. Sentences of the docs fill the sample up to
 * `fewest`. Deterministic for a seed.
 */
export function sampleQuestions(
  corpus: TrainingCorpus,
  questions: TrainingQuestion[],
  options: SamplingOptions,
): TrainingQuestion[] {
  const { max, seed, fewest = FEWEST } = options;
  const perPage = options.perPage ?? (corpus.byPage.size < FEW_PAGES ? 2 : 1) * PER_PAGE;
  const askedBy = (shares: Shares) => {
    const asked = questions.filter(({ source }) => source in shares);
    return cappedByPage(corpus, asked, perPage);
  };
  const usual = askedBy(SHARES);
  const allWritten = questions.filter(({ source }) => source === "written");
  const most = Math.min(max, usual.length);
  const written = allWritten.slice(0, Math.max(max - usual.length, Math.ceil(max / 2)));
  const total = Math.min(most, Math.max(most - DISPLACED * written.length, written.length));
  const sampled = [...bySharesOf(SHARES, usual, total), ...written];
  const missing = Math.max(0, Math.min(fewest, max) - sampled.length);
  const sentences =
    missing === 0
      ? []
      : bySharesOf(SHARES_OF_SENTENCES, askedBy(SHARES_OF_SENTENCES), missing, Number.POSITIVE_INFINITY);
  return shuffled([...sampled, ...sentences], seededRandom(seed));
}

function bySharesOf(
  shares: Shares,
  questions: TrainingQuestion[],
  total: number,
  mostOfShare = MAX_OF_SHARE,
): TrainingQuestion[] {
  const of = (source: string) => questions.filter((question) => question.source === source);
  const bySource = new Map(Object.keys(shares).map((source) => [source as QuestionSource, of(source)]));
  const quota = quotas(bySource, shares, total, mostOfShare);
  return [...bySource].flatMap(([source, list]) => list.slice(0, quota.get(source)));
}

/**
 * Splits `total` by share. A source with less than its share gives what it has, and the others fill the gap. They give
 * at most `mostOfShare` times their share, so a corpus without links gives fewer questions, not all of one kind.
 */
function quotas(
  bySource: Map<QuestionSource, unknown[]>,
  shares: Shares,
  total: number,
  mostOfShare: number,
): Map<QuestionSource, number> {
  const shareOf = (source: QuestionSource) => shares[source]!;
  const most = (source: QuestionSource) =>
    Math.min(bySource.get(source)!.length, Math.round(mostOfShare * shareOf(source) * total));
  const quota = new Map<QuestionSource, number>();
  let left = total;
  let open = [...bySource.keys()];
  while (open.length > 0) {
    const share = open.reduce((sum, source) => sum + shareOf(source), 0);
    const fair = (source: QuestionSource) => Math.round((left * shareOf(source)) / share);
    const short = open.filter((source) => most(source) <= fair(source));
    const settled = (short.length > 0 ? short : open).map(
      (source) => [source, Math.min(most(source), fair(source))] as const,
    );
    for (const [source, count] of settled) quota.set(source, count);
    left -= settled.reduce((sum, [, count]) => sum + count, 0);
    open = open.filter((source) => !quota.has(source));
  }
  return quota;
}

function cappedByPage(corpus: TrainingCorpus, questions: TrainingQuestion[], perPage: number): TrainingQuestion[] {
  const generated = generatedPages(corpus);
  const taken = new Map<string, number>();
  const answered = new Map<number, number>();
  return questions.filter(({ position }) => {
    const { page } = corpus.sections[position]!;
    const cap = generated.has(page) ? PER_GENERATED_PAGE : perPage * Math.sqrt(corpus.byPage.get(page)!.length) + 1;
    const [ofPage, ofPassage] = [taken.get(page) ?? 0, answered.get(position) ?? 0];
    if (ofPage + 1 > cap || ofPassage >= 4) return false;
    taken.set(page, ofPage + 1);
    answered.set(position, ofPassage + 1);
    return true;
  });
}

/** True if the text is long enough to ask something, short enough to be typed, and mostly words. */
function isAskable({ text, source }: TrainingQuestion): boolean {
  const words = text.split(/\s+/).length;
  if (words < FEWEST_WORDS && FROM_SENTENCE.includes(source)) return false;
  if (words > QUESTION_LENGTH.most || /[<>|]|\w\/\w+\/\w+\/\w/.test(text) || text.length < 5 || text.length > 200)
    return false;
  if (queryTerms(text).length < (words === 1 ? 1 : QUESTION_LENGTH.least)) return false;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters / text.length > 0.55;
}

function deduplicated(questions: TrainingQuestion[]): TrainingQuestion[] {
  const seen = new Set<string>();
  return questions.filter(({ text }) => {
    const key = [...queryTerms(text)].sort().join(" ");
    return !seen.has(key) && seen.add(key);
  });
}
