import { cleanWords } from "../judging/cleanText.ts";
import { queryTerms, tokenize } from "../retrieval/tokenize.ts";
import { type Quotable, quotablesOf } from "./quotable.ts";

/** Fewest words of evidence: shorter spans occur in too many passages. */
const FEWEST_WORDS = 6;
/** Most words of evidence. A longer span would be cut apart when the docs change. */
const MOST_WORDS = 60;

/**
 * Spans of a passage that may be the evidence of a question, the one with most of the question's words first. Each is an
 * exact span of the passage with its white space collapsed.
 */
export function evidenceSpans(question: string, passage: string): string[] {
  const units = quotablesOf(passage);
  const terms = queryTerms(question);
  const spans = units.map((_, at) => spanAt(passage, units, at));
  const scored = spans.map((text) => {
    const own = new Set(tokenize(text));
    return { text, score: terms.filter((term) => own.has(term)).length };
  });
  const ordered = scored.sort((a, b) => b.score - a.score).map(({ text }) => text);
  const usable = [...new Set(ordered)].filter((text) => cleanWords(text).length > 0);
  return usable.length > 0 ? usable : [shortened(passage)];
}

/** The unit with as many of the next ones as it takes to be long enough, or of those before it at the end. */
function spanAt(passage: string, units: readonly Quotable[], at: number): string {
  let first = at;
  let last = at;
  const text = () => passage.slice(units[first]!.start, units[last]!.end);
  while (cleanWords(text()).length < FEWEST_WORDS) {
    if (last + 1 < units.length) last++;
    else if (first > 0) first--;
    else break;
  }
  return shortened(text());
}

function shortened(text: string): string {
  return text.replace(/\s+/g, " ").trim().split(" ").slice(0, MOST_WORDS).join(" ");
}
