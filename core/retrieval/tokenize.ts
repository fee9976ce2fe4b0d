import { stem } from "./stem.ts";

const IDENTIFIER = /[\p{L}\p{N}]+(?:(?:[-._/:@]|::)[\p{L}\p{N}]+)*/gu;
const CONTRACTION = /['’](?:s|t|re|ll|ve|d|m)\b/giu;
const SEPARATORS = /[-._/:@]+/;
const CAMEL_PARTS = /\p{Lu}+(?!\p{Ll})\d*|\p{Lu}?\p{Ll}+\d*|\p{Lo}+|\d+/gu;
/** A hash, as in a pod's name, unlike a word with numbers: letters and digits alternate at least four times. */
const HASH = /^(?:\d+\p{L}+){2,}\d*$|^(?:\p{L}+\d+){2,}\p{L}+$|^(?:\p{L}+\d+){3,}$/u;
/** `PVCs`, `APIs`: the plural of an acronym, not two words. */
const PLURAL_ACRONYM = /^\p{Lu}{2,}s$/u;

/**
 * Terms of a text for lexical search, in order, with repeats. An identifier produces itself and its parts:
 * `spec.nodeName` gives `spec.nodename`, `spec`, `nodename`, `node`, `name`. Users who write `node name` and users who
 * write the field both find it. Terms are lower-cased; words are stemmed, compound identifiers are not.
 */
export function tokenize(text: string): string[] {
  const terms: string[] = [];
  for (const [identifier] of text.replace(CONTRACTION, " ").matchAll(IDENTIFIER)) {
    addIdentifier(identifier, terms);
  }
  return terms;
}

function addIdentifier(identifier: string, terms: string[]): void {
  const atoms = identifier.split(SEPARATORS);
  if (atoms.length > 1) terms.push(identifier.toLowerCase());
  const segments = identifier.split("/");
  if (segments.length > 1) {
    for (const segment of segments) if (SEPARATORS.test(segment)) terms.push(segment.toLowerCase());
  }
  for (const atom of atoms) addAtom(atom, terms);
}

function addAtom(atom: string, terms: string[]): void {
  terms.push(stem(atom.toLowerCase()));
  if (PLURAL_ACRONYM.test(atom) || HASH.test(atom)) return;
  const parts = atom.match(CAMEL_PARTS) ?? [];
  if (parts.length < 2) return;
  for (const part of parts) if (part.length > 1) terms.push(stem(part.toLowerCase()));
}

/**
 * Words of a question that are not about its subject. Reference documentation rarely uses "my" or "how", so their idf
 * is high and would outweigh the subject. Documents keep them.
 */
const QUESTION_WORDS = new Set(
  (
    "a an and any are as at be been but by can cannot could did do does doing for from get had has have he how i if in " +
    "into is it its just me my no not of on or our should so some than that the their them then there these they this " +
    "to too was we were what when where which while who why will with without won would you your"
  )
    .split(" ")
    .map(stem),
);

/** Distinct search terms of a question, in order. A question that consists only of function words keeps them. */
export function queryTerms(question: string): string[] {
  const all = [...new Set(tokenize(question))];
  const telling = all.filter((term) => !QUESTION_WORDS.has(term));
  return telling.length > 0 ? telling : all;
}
