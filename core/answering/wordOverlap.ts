import { queryTerms, tokenize } from "../retrieval/tokenize.ts";

/** Share of the distinct content words of `text` that occur in `source`, 0..1; 0 if `text` has none. */
export function coverage(text: string, source: string): number {
  const wanted = queryTerms(text);
  if (wanted.length === 0) return 0;
  const present = new Set(tokenize(source));
  return wanted.filter((term) => present.has(term)).length / wanted.length;
}
