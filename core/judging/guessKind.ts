import type { KINDS } from "./question.ts";

/** In this order: a question about a failing command is one about a failure. */
const SIGNS: [(typeof KINDS)[number], RegExp][] = [
  [
    "troubleshoot",
    /\b(?:errors?|fail(?:s|ed|ing|ure)?|crash\w*|stuck|hangs?|hung|refus\w+|denied|time[ds]? ?out|pending|broken|wrong|cannot|can['’]?t|won['’]?t|doesn['’]?t|does not|not work\w*|still)\b/i,
  ],
  [
    "lookup",
    /\b(?:default|maximum|minimum|max|min|limits?|how (?:many|much|long|often|big|large)|which (?:\w+ )?(?:flag|option|field|port|version|setting|command|file)|what (?:port|version|value|flag|option|field|file))\b/i,
  ],
  ["concept", /^(?:what(?:['’]?s| is| are| does)|why|explain|define|when should)\b|\bdifference between\b|\bvs\.?\b/i],
];
const KEYWORDS = 4;
const SENTENCE = /\?|\b(?:how|what|why|which|when|where|who|i|my|do|does|can|should|to)\b/i;

/** Guesses the kind of an answerable question by its words. */
export function guessKind(query: string): (typeof KINDS)[number] {
  const text = query.trim();
  if (text.split(/\s+/).length <= KEYWORDS && !SENTENCE.test(text)) return "keyword";
  return SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? "howto";
}
