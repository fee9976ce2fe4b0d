import type { RankedPassage } from "../../contracts/passage.ts";
import { queryTerms, tokenize } from "../retrieval/tokenize.ts";
import { kindOf, type QuestionKind } from "./questionKind.ts";
import type { Quotable } from "./quotable.ts";

/** Cosine of the question to each sentence, in order. Production uses the engine's embedder. */
export type SentenceScorer = (question: string, sentences: string[]) => Promise<number[]>;

/** A passage cut into quotable pieces, with a score for each; higher is better. */
export interface ScoredPassage {
  passage: RankedPassage;
  units: Quotable[];
  scores: number[];
}

const WEIGHTS = { cosine: 0.5, words: 0.3 };
/** Weight of a term that occurs only in the heading. */
const IN_HEADING = 0.4;
/** Factor for an introduction whose code or list is in the next passage. */
const CUT_OFF = 0.7;
const LISTS_LINKS = /^(?:what(?:'|’)?s ?next|see also|further reading|references|related|learn more|next steps)$/i;
const POINTS_ELSEWHERE =
  /^(?:see|refer to|read|for (?:more|further|additional|details)|for .{3,80}?, (?:see|refer)|to learn more|learn (?:more|about)|feature state|you can (?:read|find|learn) more)\b|^(?:(?:please )?(?:see|read|visit)) |\?$/i;
/** The sentence before a command's output. */
const SHOWS_OUTPUT =
  /^(?:the|this|its|sample|example|expected)?(?: \w+){0,3} ?(?:outputs?|results?|prints|returns)\b[^.]{0,60}:/i;
const DEFINES = /^(?:an? |the )?[^,.;:]{2,60}? (?:is|are|means|refers to|represents|describes|provides|allows|lets)\b/i;

/** Scores how well each unit of the passages answers the question, by embedding, shared content words, and kind. */
export async function scoreUnits(
  question: string,
  passages: { passage: RankedPassage; units: Quotable[] }[],
  background: readonly RankedPassage[],
  scoreSentences: SentenceScorer,
): Promise<ScoredPassage[]> {
  const all = passages.flatMap(({ passage, units }) =>
    units.map((unit) => ({ passage, unit, isLast: unit === units.at(-1) })),
  );
  if (all.length === 0) return [];
  const kind = kindOf(question);
  const overlap = weightedOverlap(question, background);
  const cosines = await scoreSentences(
    question,
    all.map(({ passage, unit }) => `${passage.heading.at(-1) ?? ""}: ${unit.about}`),
  );
  const scores = all.map(({ passage, unit, isLast }, at) => {
    const words = overlap(unit.about, passage.heading.join(" "));
    const cutOff = isLast && unit.text.endsWith(":") ? CUT_OFF : 1;
    return (WEIGHTS.cosine * cosines[at]! + WEIGHTS.words * words) * substance(unit, passage, kind) * cutOff;
  });
  let from = 0;
  return passages.map(({ passage, units }) => {
    const own = scores.slice(from, from + units.length);
    from += units.length;
    return { passage, units, scores: own };
  });
}

/**
 * Share of the question's content words in a text, each weighted by its rarity among the candidates: a word in all of
 * them does not distinguish sentences. A word that occurs only in the heading counts less.
 */
function weightedOverlap(question: string, background: readonly RankedPassage[]) {
  const terms = queryTerms(question);
  const candidates = background.map(({ text }) => new Set(tokenize(text)));
  const weights = terms.map((term) => {
    const holders = candidates.filter((candidate) => candidate.has(term)).length;
    return Math.log(1 + (candidates.length + 1) / (holders + 1));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (text: string, heading: string): number => {
    const own = new Set(tokenize(text));
    const above = new Set(tokenize(heading));
    const held = weights.map((weight, at) => {
      const term = terms[at]!;
      return own.has(term) ? weight : above.has(term) ? weight * IN_HEADING : 0;
    });
    return total > 0 ? held.reduce((sum, weight) => sum + weight, 0) / total : 0;
  };
}

/** Less than 1 for a unit with little to quote, more for the kind of text that the question asks for. */
function substance(unit: Quotable, passage: RankedPassage, kind: QuestionKind): number {
  if (LISTS_LINKS.test(passage.heading.at(-1) ?? "")) return 0.5;
  if (POINTS_ELSEWHERE.test(unit.text)) return 0.6;
  if (SHOWS_OUTPUT.test(unit.about)) return 0.8;
  if (unit.kind === "code") return kind.wantsCode ? 1.15 : 0.9;
  if (unit.kind === "sentence" && unit.about.split(/\s+/).length < 5) return 0.7;
  let factor = /^\p{Ll}/u.test(unit.text) && !unit.isItem ? 0.9 : 1;
  if (kind.wantsDefinition && DEFINES.test(unit.text)) factor *= 1.2;
  if (kind.wantsValue && /\d/.test(unit.text)) factor *= 1.1;
  return factor;
}
