import type { Citation } from "../../contracts/ask.ts";
import type { RankedPassage } from "../../contracts/passage.ts";
import { readableRow } from "../docs/text/tables.ts";
import { type Excerpt, excerptAround } from "./excerpts.ts";
import { type Quotable, quotablesOf } from "./quotable.ts";
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
const PASSAGE_WEIGHT = 0.15;
/** A quote of another passage is added if it scores at least this share of the best. */
const WORTH_ADDING = 0.7;
/** A neighbour joins an excerpt if it scores at least this share of the best. */
const WORTH_JOINING = 0.6;
const MAX_EXCERPT = 420;
const MAX_CHARACTERS = 900;
const MAX_QUOTES = 3;

/**
 * Answers by quotation: from each passage, the run of sentences, code and table rows closest to the question, best
 * first. Another passage is quoted only if it scores nearly as well. Every quote occurs verbatim in its passage; table
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
  const cut = passages.map((passage) => ({ passage, units: quotablesOf(passage.text) }));
  const scored = await scoreUnits(question, cut, background, scoreSentences);
  const top = Math.max(...passages.map((passage) => passage.scores.relevance), 1e-9);
  const quotes = scored.flatMap((each) => bestQuotes(each, (PASSAGE_WEIGHT * each.passage.scores.relevance) / top));
  return quotes.length === 0 ? null : compose(chosen(quotes));
}

/** The best excerpt of a passage. */
function bestQuotes({ passage, units, scores }: ScoredPassage, relevance: number): Quote[] {
  if (units.length === 0) return [];
  const best = Math.max(...scores);
  const excerpt = excerptAround(units, scores.indexOf(best), scores, WORTH_JOINING * best, MAX_EXCERPT);
  return [quoteOf(passage, units, excerpt, best + relevance)];
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
    if (picked.length > 0 && characters + length > MAX_CHARACTERS) continue;
    if (picked.some((other) => repeats(quote, other))) continue;
    picked.push(quote);
    characters += length;
  }
  return picked;
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

/** The displayed quote: rows written out, code in closed fences. The marker after code is on a separate line. */
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
  return trimmed.endsWith("```") ? `${trimmed}\n[${number}]` : `${trimmed} [${number}]`;
}

function fenced(code: string): string {
  return `\`\`\`\n${code}\n\`\`\``;
}

function withoutFences(between: string): string {
  return between.replace(/^\s*(?:```|~~~).*$/gm, "");
}
