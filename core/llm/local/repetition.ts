/** Longest unit of text, in words, whose immediate repetition is noticed. */
const LONGEST_UNIT = 60;
/** A unit repeated at once this often is a loop, if the repetitions have at least MIN_WORDS together. */
const TIMES = 3;
const MIN_WORDS = 9;
/** A sequence of this many words that occurs TIMES times anywhere is a loop too. */
const GRAM = 12;

/**
 * Finds the loop that a text ends in: small models repeat a line or a sentence until their limit. Returns the text up to
 * the end of the loop's first round, or null if there is none. Looks at the end only, so call it as the text grows.
 *
 * @example
 * withoutLoop("Run it. helm package x\nhelm package x\nhelm package x\n") // "Run it. helm package x"
 */
export function withoutLoop(text: string): string | null {
  const words = [...text.matchAll(/\S+/g)];
  const cutAfter = (count: number) => {
    const last = words[count - 1]!;
    return text.slice(0, last.index + last[0].length);
  };
  const spelled = words.map(([word]) => word);
  const tight = roundsAtEnd(spelled);
  if (tight !== null) return cutAfter(tight);
  const loose = earlierGram(spelled);
  return loose === null ? null : toEndOfSentence(cutAfter(loose), text);
}

/** The start of the text, up to the end of the sentence or line that it breaks off in. */
function toEndOfSentence(start: string, text: string): string {
  if (/[.!?:]$/.test(start)) return start;
  const rest = /^[^\n]{0,400}?(?:[.!?:](?=\s|$)|(?=\n))/.exec(text.slice(start.length));
  return rest ? start + rest[0] : start;
}

/** Number of words up to the end of the first of TIMES equal units at the end, or null. */
function roundsAtEnd(words: string[]): number | null {
  const longest = Math.min(LONGEST_UNIT, Math.floor(words.length / TIMES));
  for (let unit = 1; unit <= longest; unit++) {
    const needed = Math.max(TIMES, Math.ceil(MIN_WORDS / unit));
    const start = words.length - needed * unit;
    if (start < 0) continue;
    let same = true;
    for (let at = start; same && at + unit < words.length; at++) same = words[at] === words[at + unit];
    if (same) return firstRound(words, start, unit) + unit;
  }
  return null;
}

/** Start of the first round of a loop that is known to hold from `start`. */
function firstRound(words: string[], start: number, unit: number): number {
  let first = start;
  while (first >= unit && words.slice(first - unit, first).every((word, at) => word === words[first + at]))
    first -= unit;
  return first;
}

/** Number of words up to the end of the first occurrence of the last GRAM words, if they occur TIMES times; else null. */
function earlierGram(words: string[]): number | null {
  const gram = words.slice(-GRAM);
  if (gram.length < GRAM) return null;
  const found: number[] = [];
  for (let at = 0; at + GRAM <= words.length; at++)
    if (gram.every((word, index) => word === words[at + index])) found.push(at);
  return found.length >= TIMES ? found[0]! + GRAM : null;
}
