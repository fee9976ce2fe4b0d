import type { LinkRecord } from "../../docs/links.ts";
import { passageInput } from "../../docs/passageText.ts";
import { queryTerms, tokenize } from "../../retrieval/tokenize.ts";
import { isGenericHeading, leafHeading, type TrainingCorpus } from "../trainingCorpus.ts";
import { asTyped, headingQuestion, phrase, plainText, type Random } from "./phrasing.ts";
import type { TrainingQuestion } from "./question.ts";

/** Anchors that only name the act of following the link. */
const SAYS_NOTHING =
  /^(?:(?:the |this |that |these |our )?(?:here|link|page|guide|section|document(?:ation)?|docs?|tutorial|article|blog(?: post)?|example|below|above|following|reference|more|details|instructions?|website|see)(?: (?:page|documentation|docs|guide|section))?)$/i;
/** "For more information about X, see ...", "To learn how to X, read ...". */
const POINTER = [
  /^for (?:more |further |additional |detailed )*(?:information|details|background|guidance|instructions)(?: about| on| for| of| regarding)? (.+?)(?:, (?:please |also )?(?:see|refer|read|check|consult|visit|look)\b.*|\.?$)/i,
  /^(?:to|if you want to) (?:learn|know|read|find out|understand) (?:more )?(?:about |on |how to )?(.+?), (?:please |also )?(?:see|refer|read|check|consult|visit|look|go)\b.*/i,
  /^(?:please |also )?(?:see|refer to|read|check|consult|visit) .+? (?:to learn(?: more)?(?: about)?|to understand|for (?:more |further |additional |detailed )*(?:information|details|instructions|guidance)(?: about| on| for| regarding| of)?) (.+)$/i,
  /^(?:learn|read|find out|know) (?:more )?(?:about |on |how to )(.+?)(?: in (?:the )?.*)?$/i,
];
const MAX_WORDS = 16;
const CLEARLY_MORE = 0.3;

/**
 * Questions from links: the topic that the sentence gives for the link, or the anchor. The linked section answers.
 * Questions that only repeat the target's heading are left to the heading questions.
 */
export function linkQuestions(corpus: TrainingCorpus, random: Random): TrainingQuestion[] {
  const questions: TrainingQuestion[] = [];
  const termsOf = passageTerms(corpus);
  const targets = new Map<string, number[]>();
  for (const link of corpus.links) {
    const target = targetOf(corpus, link, targets);
    const source = corpus.byId.get(link.passageId);
    if (target.length === 0 || source === undefined || isOwnSection(link)) continue;
    const asked = questionOf(corpus, link, random);
    if (asked === null || queryTerms(asked).length < 2) continue;
    const position = bestOf(target, asked, termsOf);
    const { heading } = corpus.sections[position]!;
    if (heading.some((step) => repeats(asked, step))) continue;
    questions.push({
      text: asked,
      source: "link",
      position,
      window: null,
      reducedText: null,
      fromHeading: false,
      evidence: null,
      scope: link.targetHeading === null ? "page" : "section",
      related: [source],
    });
  }
  return questions;
}

function isOwnSection(link: LinkRecord): boolean {
  return link.page === link.targetPage && (link.targetHeading === null || link.targetHeading === link.heading.at(-1));
}

function questionOf(corpus: TrainingCorpus, link: LinkRecord, random: Random): string | null {
  const about = pointedAt(link.sentence);
  const anchor = plainText(link.anchor);
  const anchorTells =
    !SAYS_NOTHING.test(anchor) && !isGenericHeading(corpus, anchor) && !/^https?:|^[\w-]+\.\w+\//.test(anchor);
  if (about !== null) return headingQuestion(phrase(about, MAX_WORDS), random);
  if (!anchorTells) return null;
  const words = clauseAround(link.sentence, link.anchor);
  if (words !== null && random() < 0.6) return asTyped(phrase(words, MAX_WORDS), random);
  return anchor.split(/\s+/).length >= 2 ? headingQuestion(anchor, random) : null;
}

/** The topic of a sentence that only points to the link. */
function pointedAt(sentence: string): string | null {
  for (const pattern of POINTER) {
    const about = pattern.exec(plainText(sentence))?.[1];
    if (about === undefined) continue;
    const words = about.replace(/^(?:the|a|an|these|this|your|its|their)\s+/i, "").split(/\s+/);
    if (words.length >= 2 && words.length <= MAX_WORDS && !/^(?:it|them|that)\b/i.test(about)) return words.join(" ");
  }
  return null;
}

/** The clause of the sentence that contains the anchor, if it is longer than the anchor and not too long. */
function clauseAround(sentence: string, anchor: string): string | null {
  const clauses = plainText(sentence).split(/(?<=[,;:()])\s+|\s+[-–—]\s+/);
  const clause = clauses
    .find((part) => part.includes(plainText(anchor)))
    ?.replace(/[,;:()]+$/g, "")
    .replace(/^(?:and|but|or|so|then|also|because|which|where)\s+/i, "");
  const count = clause?.split(/\s+/).length ?? 0;
  if (
    clause === undefined ||
    queryTerms(clause).length < 3 ||
    count < anchor.split(/\s+/).length + 3 ||
    count > MAX_WORDS
  )
    return null;
  return /\b(?:this|these|those|it|they|such|above|below|see|refer to|read|check out|visit|documented|described)\b/i.test(
    clause,
  )
    ? null
    : clause;
}

/** @param known targets by page and heading: popular pages are linked to many times. */
function targetOf(corpus: TrainingCorpus, link: LinkRecord, known: Map<string, number[]>): number[] {
  const page = corpus.byPage.get(link.targetPage) ?? [];
  if (link.targetHeading === null) return page;
  const key = `${link.targetPage}\n${link.targetHeading}`;
  const target =
    known.get(key) ?? page.filter((position) => leafHeading(corpus.sections[position]!) === link.targetHeading);
  known.set(key, target);
  return target;
}

/** The target's first passage, unless another shares clearly more of the question's terms. */
function bestOf(positions: number[], asked: string, termsOf: (position: number) => Set<string>): number {
  const terms = queryTerms(asked);
  const shares = positions.map((position) => {
    const present = termsOf(position);
    return terms.filter((term) => present.has(term)).length / terms.length;
  });
  const best = shares.indexOf(Math.max(...shares));
  return positions[shares[best]! > shares[0]! + CLEARLY_MORE ? best : 0]!;
}

/** Terms of passages, cached: popular pages are linked to many times. */
function passageTerms(corpus: TrainingCorpus): (position: number) => Set<string> {
  const known = new Map<number, Set<string>>();
  return (position) => {
    const terms = known.get(position) ?? new Set(tokenize(passageInput(corpus.passages.at(position)!)));
    known.set(position, terms);
    return terms;
  };
}

function repeats(question: string, heading: string): boolean {
  const terms = new Set(queryTerms(heading));
  const asked = queryTerms(question);
  return asked.length === terms.size && asked.every((term) => terms.has(term));
}
