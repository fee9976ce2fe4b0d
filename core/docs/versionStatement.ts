const STATEMENT =
  /^\W{0,3}(?:feature state|status|stability|availability|available (?:since|from|in)|new in|added in|introduced in|changed in|deprecated (?:since|in)|removed in|since v?\d[\d.]*)\b.*$/i;
export const VERSION = /(?<![\w.-])v?\d+\.\d+(?:\.\d+)?(?![\w-]|\.\d)/;
const STAGE = /\b(?:alpha|beta|stable|experimental|preview|deprecated|ga)\b/i;
const MAX_STATEMENT = 300;

/** True for a line that states the version or stage of a feature. */
export function statesVersion(line: string): boolean {
  return line.length <= MAX_STATEMENT && STATEMENT.test(line) && (VERSION.test(line) || STAGE.test(line));
}

/** Position of the first such line in a text. */
export function statementIn(text: string): { start: number; end: number } | null {
  let start = 0;
  for (const line of text.split("\n")) {
    if (statesVersion(line)) return { start, end: start + line.trimEnd().length };
    start += line.length + 1;
  }
  return null;
}
