import type { Rejection, Style, WriteRequest } from "../../../artifacts/written.ts";
import { queryTerms } from "../../../retrieval/tokenize.ts";

export type Parsed = { question: string } | { rejected: Rejection };

const WORDS: Record<Style, { least: number; most: number }> = {
  howto: { least: 4, most: 25 },
  symptom: { least: 4, most: 30 },
  keywords: { least: 2, most: 9 },
  lookup: { least: 4, most: 25 },
  context: { least: 15, most: 55 },
};
/** Characters a word may have on average, so that no word is a text of its own. */
const CHARACTERS_A_WORD = 7;
/**
 * Thresholds of a copy: this many words in a row as in the passage, or a shorter run that makes up this share of the
 * question.
 */
const COPIED_RUN = { words: 7, share: 0.75, least: 4 };

const LABEL =
  /^(?:(?:the )?(?:search )?(?:question|query|q|search|keywords?|complaint|symptom|user|answer)(?: \d+)?\s*[:-]\s*)/i;
const MARK = /^(?:[-*•>#]+\s+|\(?\d+[.):]\s+|[a-z][.)]\s+)/i;
const ASKS =
  /\?\s*$|^(?:how|what|why|when|where|which|who|can|could|do|does|did|is|are|should|will|would|must|may|has|have|am)\b/i;
const COMPLAINS =
  /\b(?:my|i|i'm|cannot|can't|won't|doesn't|don't|isn't|not|no|never|fails?|failed|failing|errors?|stuck|keeps?|hangs?|wrong|missing|slow|crash\w*|still|unable|denied|refused|broken|problem)\b/i;
const ABOUT_TEXT =
  /\b(?:this|the|above|given|following|last|provided|next) (?:\w+ )?(?:passage|text|document|documentation|section|article|paragraph|page|excerpt|question|example|title|heading)s?\b|\baccording to\b|\bmentioned\b|\bpassage\b|\bas an ai\b|\blanguage model\b/i;
const NAMED_EXAMPLE = /\b(?:coffee|espresso|limescale|greenhouse)\b/i;

/**
 * The question in a model's reply, or the reason for its rejection. Small models number, quote, label and explain their
 * questions.
 */
export function parseReply(
  reply: string,
  { style, heading, text }: Pick<WriteRequest, "style" | "heading" | "text">,
): Parsed {
  const question = firstLine(reply);
  if (question === null) return { rejected: "empty" };
  const words = question.split(/\s+/).length;
  if (ABOUT_TEXT.test(question)) return { rejected: "about the text" };
  const { least, most } = WORDS[style];
  if (words < least || words > most || question.length > CHARACTERS_A_WORD * most) return { rejected: "length" };
  if (!isQuestion(question, style) || (NAMED_EXAMPLE.test(question) && !NAMED_EXAMPLE.test(text)))
    return { rejected: "no question" };
  if (isCopied(question, [heading.at(-1) ?? "", text])) return { rejected: "copied" };
  return { question };
}

/** Identifies duplicates: the sorted terms of a question. */
export function questionKey(question: string): string {
  return [...new Set(queryTerms(question))].sort().join(" ");
}

/** The first line with content, without labels, quotes and numbers. */
function firstLine(reply: string): string | null {
  for (const line of reply.split(/\r?\n/)) {
    const bare = unwrapped(line);
    if (/\p{L}/u.test(bare) && !bare.endsWith(":") && !/^<\/?passage/.test(bare)) return bare;
  }
  return null;
}

function unwrapped(line: string): string {
  let text = line.replace(/\s+/g, " ").trim();
  for (let before = ""; before !== text; ) {
    before = text;
    text = text
      .replace(/^["'“”‘’`*_]+|["“”`*_]+$/g, "")
      .replace(MARK, "")
      .replace(LABEL, "")
      .trim();
  }
  // Models explain themselves after the question.
  return text.replace(/^(.{12,}?\?) .*$/, "$1");
}

function isQuestion(question: string, style: Style): boolean {
  if (style === "keywords") return !/[.!:]$/.test(question) && queryTerms(question).length >= 2;
  return ASKS.test(question) || (style === "symptom" && COMPLAINS.test(question));
}

function isCopied(question: string, sources: string[]): boolean {
  const asked = plainWords(question);
  const longest = Math.max(...sources.map((source) => longestRun(asked, plainWords(source))));
  const { words, share, least } = COPIED_RUN;
  return longest >= words || (longest >= least && longest >= share * asked.length) || longest === asked.length;
}

/** Longest run of consecutive words that both share. */
function longestRun(asked: string[], source: string[]): number {
  let longest = 0;
  let previous = new Uint16Array(asked.length + 1);
  for (const word of source) {
    const current = new Uint16Array(asked.length + 1);
    asked.forEach((other, at) => {
      if (other === word) longest = Math.max(longest, (current[at + 1] = previous[at]! + 1));
    });
    previous = current;
  }
  return longest;
}

function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
