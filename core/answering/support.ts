import type { Passage } from "../../contracts/passage.ts";
import { passageInput } from "../docs/passageText.ts";
import { sentencesIn } from "../docs/text/textUnits.ts";
import { holdsQuantity, QUANTITY, quantityOf } from "./quantities.ts";
import { coverage } from "./wordOverlap.ts";

/** A sentence with less of its content words in a passage is not supported by it. */
export const MIN_SUPPORT = 0.5;
/** Two sentences with this much overlap make the same claim, or the opposite one. */
const SAME_CLAIM = 0.75;
const QUOTED = /["“]([^"“”\n]{12,400})["”]/g;
const NEGATED = /\b(?:not|never|no longer|cannot|without|neither|nor)\b|n['’]t\b/i;
/** "The docs do not say how": a statement about the passages, not about their subject. */
const ABOUT_PASSAGES =
  /\b(?:passages?|docs|documentation|text)\b[^.]{0,40}\b(?:do(?:es)? not|don['’]t|doesn['’]t)\b[^.]{0,20}\b(?:say|mention|cover|describe|specify|explain|answer|state|tell)\b/i;
/** Text that must match exactly: code, flags, names in mixed case or with inner dots, numbers. */
const EXACT = new RegExp(
  "`([^`\\n]+)`|(?<!\\w)(--[a-z][\\w-]*|[A-Za-z]+[a-z][A-Z]\\w*|[A-Za-z_][\\w-]*(?:\\.[A-Za-z]\\w*)+|" +
    `${QUANTITY})(?!\\w)`,
  "g",
);

/** True for a sentence that only states what the passages leave open. */
export function isAboutPassages(sentence: string): boolean {
  return ABOUT_PASSAGES.test(sentence);
}

/**
 * The reason the sources do not support a sentence, or null if they do. Its quotations, names and numbers must occur
 * verbatim, and at least half of its content words. It must not contradict the sources.
 */
export function doubtAbout(sentence: string, sources: readonly Passage[]): string | null {
  if (isAboutPassages(sentence)) return null;
  if (sources.length === 0 && !sentence.endsWith(":")) return "no passage says this";
  const source = sources.map(passageInput).join("\n");
  const plain = collapsed(source);
  for (const [, quote] of sentence.matchAll(QUOTED))
    if (!plain.includes(collapsed(quote!))) return `the quotation "${quote}" is not in the passage cited`;
  if (sentence.endsWith(":")) return null;
  if (coverage(sentence, source) < MIN_SUPPORT) return "the passage cited does not say this";
  const missing = exactTerms(sentence).find((term) => !holds(plain, term));
  if (missing !== undefined) return `${missing} is not in the passage cited`;
  return isDenied(sentence, source) ? "the passage cited says the opposite" : null;
}

/** The reason not to trust code in an answer: its first line that no passage contains. */
export function doubtAboutCode(code: string, passages: readonly Passage[]): string | null {
  const plain = passages.map((passage) => collapsed(passage.text)).join("\n");
  const lines = code.split("\n").filter((line) => !/^\s*(?:```.*|~~~.*|#.*|\/\/.*)?$/.test(line));
  const made = lines.find((line) => !plain.includes(collapsed(line)));
  return made === undefined ? null : `no passage holds the line "${made.trim().slice(0, 120)}"`;
}

function exactTerms(sentence: string): string[] {
  return [...sentence.matchAll(EXACT)].map(([, code, name]) => code ?? name!).filter((term) => !term.includes("<"));
}

function holds(plain: string, term: string): boolean {
  const quantity = quantityOf(term);
  if (quantity !== null) return holdsQuantity(plain, quantity.number, quantity.unit);
  return plain.includes(collapsed(term).replace(/s$/, ""));
}

/** True if the source contains the same sentence with the opposite sign. */
function isDenied(sentence: string, source: string): boolean {
  const same = sentencesIn(source).filter(
    (other) => coverage(sentence, other) >= SAME_CLAIM && coverage(other, sentence) >= SAME_CLAIM,
  );
  return same.length > 0 && same.every((other) => NEGATED.test(other) !== NEGATED.test(sentence));
}

function collapsed(text: string): string {
  return text.replace(/[`*_]/g, "").replace(/\s+/g, " ").toLowerCase().trim();
}
