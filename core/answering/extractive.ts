import type { Citation } from "../../contracts/ask.ts";
import type { RankedPassage } from "../../contracts/passage.ts";
import { citationOf } from "./quote.ts";
import { type Span, spansOf } from "./spans.ts";
import { coverage } from "./wordOverlap.ts";

/** Cosine of the question to each sentence, in order; the engine's embedder in production. */
export type SentenceScorer = (question: string, sentences: string[]) => Promise<number[]>;

/** An answer's text, and what its markers `[n]` cite: `citations[n - 1]`. */
export interface DraftAnswer {
  text: string;
  citations: Citation[];
}

interface ScoredSpan extends Span {
  passage: RankedPassage;
  score: number;
}

const WEIGHTS = { cosine: 0.5, words: 0.22, passage: 0.28 };
const MAX_SPANS = 3;
const MAX_CHARACTERS = 800;
const MAX_QUOTE = 400;
/** A further span is quoted when it scores at least this share of the best. */
const WORTH_ADDING = 0.85;
const WANTS_CODE =
  /\b(?:how (?:to|do|can)|command|example|sample|yaml|manifest|kubectl|syntax|snippet|script|config)\b/i;
const LISTS_LINKS = /^(?:what(?:'|’)?s ?next|see also|further reading|references)$/i;
const POINTS_ELSEWHERE =
  /^(?:see|refer to|read|for (?:more|further|additional|details)|for .{3,80}?, (?:see|refer)|to learn more|learn (?:more|about)|feature state)\b|\?$/i;

/**
 * Answers by quotation: the spans of the passages that are closest to the question by embedding, by shared words and by
 * their passage's relevance; at most three, or one code block with its introduction. Every quote occurs in its passage
 * to the letter. Gives null when there is nothing to quote.
 */
export async function extractiveAnswer(
  question: string,
  passages: RankedPassage[],
  scoreSentences: SentenceScorer,
): Promise<DraftAnswer | null> {
  const spans = await scoredSpans(question, passages, scoreSentences);
  const best = spans[0];
  return best === undefined ? null : compose(chosen(spans, best));
}

async function scoredSpans(
  question: string,
  passages: RankedPassage[],
  scoreSentences: SentenceScorer,
): Promise<ScoredSpan[]> {
  const spans = passages.flatMap((passage) => spansOf(passage.text).map((span) => ({ ...span, passage })));
  if (spans.length === 0) return [];
  const headings = spans.map((span) => span.passage.heading.at(-1) ?? "");
  const cosines = await scoreSentences(
    question,
    spans.map((span, index) => `${headings[index]}: ${span.prose}`),
  );
  const top = Math.max(...passages.map((passage) => passage.scores.relevance), 1e-9);
  const wantsCode = WANTS_CODE.test(question);
  return spans
    .map((span, index) => {
      const words = coverage(question, `${headings[index]} ${span.text}`);
      const relevance = span.passage.scores.relevance / top;
      const base = WEIGHTS.cosine * cosines[index]! + WEIGHTS.words * words + WEIGHTS.passage * relevance;
      return { ...span, score: base * substance(span, headings[index]!, wantsCode) };
    })
    .sort((a, b) => b.score - a.score);
}

/** Less than 1 for spans that hold little to quote. */
function substance(span: Span, heading: string, wantsCode: boolean): number {
  if (POINTS_ELSEWHERE.test(span.prose) || LISTS_LINKS.test(heading)) return 0.6;
  if (span.hasCode) return wantsCode ? 1.2 : 0.9;
  if (span.text.endsWith(":") || /^\p{Ll}/u.test(span.prose)) return 0.75;
  if (span.text.includes(" | ")) return 0.85;
  return span.prose.split(/\s+/).length < 5 ? 0.7 : 1;
}

function chosen(ranked: ScoredSpan[], best: ScoredSpan): ScoredSpan[] {
  const picked: ScoredSpan[] = [];
  let characters = 0;
  for (const span of ranked) {
    if (picked.length === MAX_SPANS || span.score < WORTH_ADDING * best.score) break;
    if (picked.length > 0 && characters + span.text.length > MAX_CHARACTERS) continue;
    if (span.hasCode && picked.some((other) => other.hasCode)) continue;
    if (picked.some((other) => repeats(span, other))) continue;
    picked.push(span);
    characters += span.text.length;
  }
  return picked;
}

function repeats(span: ScoredSpan, other: ScoredSpan): boolean {
  if (span.passage === other.passage) return span.start < other.end && other.start < span.end;
  return coverage(span.prose, other.text) >= 0.8;
}

/** Quotes by passage, best passage first, each passage's in their own order; neighbours joined to one quote. */
function compose(picked: ScoredSpan[]): DraftAnswer {
  const passages = [...new Set(picked.map((span) => span.passage))];
  const quotes = passages.flatMap((passage) =>
    joined(picked.filter((span) => span.passage === passage).sort((a, b) => a.start - b.start)),
  );
  const citations = quotes.map((quote) => citationOf(quote.passage, quote.start, quote.end, MAX_QUOTE * 2));
  const text = quotes.map((quote, index) => shown(citations[index]!.quote, quote.hasCode, index + 1)).join("\n\n");
  return { text, citations };
}

function joined(spans: ScoredSpan[]): ScoredSpan[] {
  const runs: ScoredSpan[] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    const between = last?.passage.text.slice(last.end, span.start);
    if (last === undefined || between!.trim() !== "") runs.push({ ...span });
    else {
      last.end = span.end;
      last.hasCode ||= span.hasCode;
      last.text = last.passage.text.slice(last.start, last.end);
    }
  }
  return runs;
}

/** A quote that ends in a code fence keeps its marker on a line of its own. */
function shown(quote: string, hasCode: boolean, number: number): string {
  if (!hasCode) return `${quote} [${number}]`;
  const fences = quote.match(/^\s*(?:```|~~~)/gm)?.length ?? 0;
  if (fences === 0) return `\`\`\`\n${quote}\n\`\`\`\n[${number}]`;
  return `${quote}${fences % 2 === 1 ? "\n```" : ""}\n[${number}]`;
}
