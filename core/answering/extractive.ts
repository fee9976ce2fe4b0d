import type { Citation } from "../../contracts/ask.ts";
import type { RankedPassage } from "../../contracts/passage.ts";
import { readableRow } from "../docs/text/tables.ts";
import { queryTerms } from "../retrieval/tokenize.ts";
import { type Excerpt, excerptAround } from "./excerpts.ts";
import { introduces, type Quotable, quotablesOf } from "./quotable.ts";
import { citationOf } from "./quote.ts";
import { type ScoredPassage, type SentenceScorer, scoreUnits } from "./unitScores.ts";
import { coverage } from "./wordOverlap.ts";

/** An answer's text, and its citations: marker `[n]` refers to `citations[n - 1]`. */
export interface DraftAnswer {
  text: string;
  citations: Citation[];
}

interface Quote {
  passage: RankedPassage;
  units: Quotable[];
  start: number;
  end: number;
  score: number;
}

/** Weight of the passage's relevance, relative to the best one's, in addition to the quote's own score. */
const RELEVANCE_WEIGHT = 0.15;
/** Weight of the reciprocal of the passage's rank. */
const RANK_WEIGHT = 0.1;
/** A quote of another passage is added if it scores at least this share of the best. */
const WORTH_ADDING = 0.72;
/** A quote of another passage is added if that is at least this share as relevant as the first quote's. */
const NEAR_FIRST = 0.7;
/** A neighbour joins an excerpt if it scores at least this share of the best. */
const WORTH_JOINING = 0.6;
const MAX_EXCERPT = 420;
const MAX_CODE_EXCERPT = 720;
const MAX_CHARACTERS = 900;
const MAX_QUOTES = 3;

/**
 * Answers by quotation: from each passage, the run of sentences, code and table rows closest to the question, best
 * first. Another section is quoted only if it scores nearly as well. Every quote occurs verbatim in its passage; table
 * rows are shown with their columns' names. Returns null if there is nothing to quote.
 *
 * @param background all candidates of the search: words that they share carry no information.
 */
export async function extractiveAnswer(
  question: string,
  passages: RankedPassage[],
  scoreSentences: SentenceScorer,
  background: readonly RankedPassage[] = passages,
): Promise<DraftAnswer | null> {
  const terms = new Set(queryTerms(question));
  const cut = passages.map((passage) => ({ passage, units: quotablesOf(passage.text, terms) }));
  const scored = await scoreUnits(question, cut, background, scoreSentences);
  const top = Math.max(...passages.map((passage) => passage.scores.relevance), 1e-9);
  const quotes = scored.flatMap((each) => bestQuotes(each, standing(each.passage, top)));
  return quotes.length === 0 ? null : compose(chosen(quotes));
}

/** The passage's share of a quote's score. `top` is the best passage's relevance. */
function standing({ scores, rank }: RankedPassage, top: number): number {
  return (RELEVANCE_WEIGHT * scores.relevance) / top + RANK_WEIGHT / rank.served;
}

/** The best excerpt of a passage. */
function bestQuotes({ passage, units, scores }: ScoredPassage, relevance: number): Quote[] {
  if (units.length === 0) return [];
  const best = Math.max(...scores);
  const at = scores.indexOf(best);
  const limit = holdsCode(units, at) ? MAX_CODE_EXCERPT : MAX_EXCERPT;
  const excerpt = excerptAround(units, at, scores, WORTH_JOINING * best, limit);
  return [quoteOf(passage, units, excerpt, best + relevance)];
}

/** True for code and for a sentence that introduces code, which may have a title in between. */
function holdsCode(units: Quotable[], at: number): boolean {
  if (units[at]!.kind === "code") return true;
  const [unit, next, afterNext] = units.slice(at, at + 3);
  if (!introduces(unit!, next)) return false;
  return next?.kind === "code" || (next !== undefined && introduces(next, afterNext) && afterNext?.kind === "code");
}

function quoteOf(passage: RankedPassage, units: Quotable[], { first, last }: Excerpt, score: number): Quote {
  const own = units.slice(first, last + 1);
  return { passage, units: own, start: own[0]!.start, end: own.at(-1)!.end, score };
}

function chosen(quotes: Quote[]): Quote[] {
  const ranked = [...quotes].sort((a, b) => b.score - a.score);
  const picked: Quote[] = [];
  let characters = 0;
  for (const quote of ranked) {
    const length = quote.end - quote.start;
    if (picked.length === MAX_QUOTES || quote.score < WORTH_ADDING * ranked[0]!.score) break;
    if (quote.passage.scores.relevance < NEAR_FIRST * ranked[0]!.passage.scores.relevance) continue;
    if (picked.length > 0 && characters + length > MAX_CHARACTERS) continue;
    if (picked.some((other) => isSameSection(quote, other) || repeats(quote, other))) continue;
    picked.push(quote);
    characters += length;
  }
  return picked;
}

/** One quote of a section is enough: the rest of the section is a link away. */
function isSameSection({ passage: a }: Quote, { passage: b }: Quote): boolean {
  return a.page === b.page && a.heading.join("\n") === b.heading.join("\n");
}

function repeats(quote: Quote, other: Quote): boolean {
  const text = ({ passage, start, end }: Quote) => passage.text.slice(start, end);
  return coverage(text(quote), text(other)) >= 0.8;
}

function compose(quotes: Quote[]): DraftAnswer {
  const citations = quotes.map((quote) => citationOf(quote.passage, quote.start, quote.end, MAX_EXCERPT * 2));
  const texts = quotes.map((quote, at) => shown(quote, citations[at]!.quote.length, at + 1));
  return { text: texts.join("\n\n"), citations };
}

/**
 * The displayed quote: rows written out, code in closed fences. The marker after code is on a separate line, after
 * dots where the block goes on.
 */
function shown({ passage, units, start }: Quote, length: number, number: number): string {
  const end = start + length;
  let text = "";
  let at = start;
  for (const unit of units) {
    if (unit.start >= end) break;
    const between = passage.text.slice(at, unit.start);
    const stop = Math.min(unit.end, end);
    if (unit.kind === "code") text = `${text.trimEnd()}\n${fenced(passage.text.slice(unit.start, stop))}\n`;
    else if (unit.row !== null) text = `${text.trimEnd()}\n- ${readableRow(unit.row)}\n`;
    else text += withoutFences(between) + passage.text.slice(unit.start, stop);
    at = stop;
  }
  const trimmed = text.trim();
  const dots = units.some(({ cut }) => cut.before || cut.after) ? "… " : "";
  return trimmed.endsWith("```") ? `${trimmed}\n${dots}[${number}]` : `${trimmed} [${number}]`;
}

function fenced(code: string): string {
  return `\`\`\`\n${code}\n\`\`\``;
}

function withoutFences(between: string): string {
  return between.replace(/^\s*(?:```|~~~).*$/gm, "");
}
