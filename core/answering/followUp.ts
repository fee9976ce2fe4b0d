/** Questions that point back: `and for a StatefulSet?`, `what about memory?`. */
const CONTINUES =
  /^(?:and|but|or|so|also|then|what about|how about|what if|same|instead|what else|anything else)\b|^(?:why|why not|how|how so|when|where|who)\W*$/i;
/** Words that stand for something named before. */
const STANDS_FOR = /\b(?:it|its|itself|they|them|their|theirs|these|those|this|ones)\b/i;
/** `that` points back after a verb or preposition; after a noun it begins a clause: `a Service that exists`. */
const POINTS_BACK =
  /(?:^|\b(?:is|was|are|does|did|do|can|of|for|with|about|like|on|in|from|to|than|after|before|without|undo|stop|use|change|disable|enable|make|set|doing))\s+that\b/i;
/** `it` that stands for nothing: `is it possible to ...`. */
const EMPTY_IT =
  /\b(?:is|was|would) it (?:possible|safe|necessary|better|ok|okay|allowed|worth)\b|\b(?:does|will|would) it (?:take|matter)\b/gi;
/** `What is a taint?` names its subject, however short it is. */
const DEFINES = /^(?:what(?:'s| is| are)|explain|define|describe)\s+(?!the\b|my\b|your\b)\S/i;
/** `how many bytes is a char` names its subject, too. */
const INTRODUCES = /\ban?\s+\S/i;
/** A question with fewer words about its subject leaves something out. */
const FEW = 3;
/** A question with more words than this names what its own `it` stands for. */
const MANY = 5;
/** Words carried over, the latest first: a reranker reads about 40. */
const CARRIED = 12;

const FUNCTION_WORDS = new Set(
  (
    "a about all also an and any are as at be been but by can could did do does doing else for from get give gets had has " +
    "have how i if in instead into is it its just let like make many may me mean much my need no not of off on one or our " +
    "please same set should so some still such take tell than that the their them then there these they this to too up use " +
    "used using want was we were what when where which while who why will with without work works would you your"
  ).split(" "),
);

/**
 * The last of a conversation's questions, complete without the others. A question that points back, or that is too
 * short to name its subject, is followed by the words of the earlier one that it leaves out. Every other question
 * stays as it is: a conversation may change its subject.
 *
 * @param turns the user's questions, oldest first; at least one
 * @example
 * standalone(["How do I drain a node?", "what about the volumes?"]); // "what about the volumes? (drain node)"
 */
export function standalone(turns: readonly string[]): string {
  return turns.reduce((before, question) => (isFollowUp(question) ? completed(question, before) : question));
}

/** True for a question that its own words do not make complete. */
export function isFollowUp(question: string): boolean {
  const text = question.trim();
  const words = subjectWords(text).length;
  if (words > MANY) return false;
  if (CONTINUES.test(text) || STANDS_FOR.test(text.replace(EMPTY_IT, "")) || POINTS_BACK.test(text)) return true;
  return words < FEW && !DEFINES.test(text) && !INTRODUCES.test(text);
}

function completed(question: string, before: string): string {
  const known = new Set(subjectWords(question).map(keyOf));
  const missing = subjectWords(before)
    .filter((word) => !known.has(keyOf(word)))
    .slice(0, CARRIED);
  return missing.length === 0 ? question : `${question} (${missing.join(" ")})`;
}

/** Distinct words about a question's subject, as written. */
export function subjectWords(question: string): string[] {
  const words = question.match(/[\p{L}\p{N}](?:[\p{L}\p{N}\-._/:]*[\p{L}\p{N}])?(?:\(\))?/gu) ?? [];
  const found = new Map(words.map((word) => [keyOf(word), word] as const));
  return [...found.values()].filter((word) => !FUNCTION_WORDS.has(word.toLowerCase()));
}

function keyOf(word: string): string {
  return word.toLowerCase();
}
