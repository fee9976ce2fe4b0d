import type { Citation } from "../../contracts/ask.ts";
import type { Passage } from "../../contracts/passage.ts";
import { textUnits } from "../docs/text/textUnits.ts";
import { coverage } from "./wordOverlap.ts";

const MAX_QUOTE = 400;

/** A citation of `passage`. Its quote is exactly `passage.text.slice(start, end)`, cut at `limit` characters. */
export function citationOf(passage: Passage, start: number, end: number, limit = MAX_QUOTE): Citation {
  const { page, heading, url, lines } = passage;
  return { page, heading, url, lines, quote: clipped(passage.text.slice(start, end), limit) };
}

/** The sentence or code block of the passage with the largest overlap with `text`, as a citation. */
export function bestQuote(text: string, passage: Passage): Citation {
  let best = { score: -1, start: 0, end: passage.text.length };
  for (const unit of textUnits(passage.text)) {
    const score = coverage(text, unit.text);
    if (score > best.score) best = { score, start: unit.start, end: unit.end };
  }
  return citationOf(passage, best.start, best.end);
}

/** A prefix that ends at a word, so that a quote remains a piece of its passage. */
function clipped(quote: string, limit: number): string {
  if (quote.length <= limit) return quote;
  const cut = quote.slice(0, limit).replace(/\s+\S*$/, "");
  // A cut inside a surrogate pair would not occur in the passage.
  return cut.replace(/[\uD800-\uDBFF]$/, "");
}
