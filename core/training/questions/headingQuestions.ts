import {
  generatedPages,
  isEmptyHeading,
  isGenericHeading,
  leafHeading,
  type TrainingCorpus,
} from "../trainingCorpus.ts";
import { asTyped, headingQuestion, plainText, type Random } from "./phrasing.ts";
import type { TrainingQuestion } from "./question.ts";

const MAX_WORDS = 14;
/** Pages that list others. A one-word title, such as "Configuration", makes no question. */
const INDEX_PAGE = /(?:^|\/)(?:_?index|readme)\.md$/i;
/** Approximate limit of title questions per folder. */
const MAX_OF_FOLDER = 40;

/** One question per section, from its heading. A heading that is too generic alone is joined with the page's title. */
export function headingQuestions(corpus: TrainingCorpus, random: Random): TrainingQuestion[] {
  const questions: TrainingQuestion[] = [];
  const generated = generatedPages(corpus);
  for (const positions of corpus.bySection.values()) {
    const position = positions[0]!;
    const { heading, page } = corpus.sections[position]!;
    if (heading.length < 2 || (generated.has(page) && isGenericHeading(corpus, leafHeading({ heading })))) continue;
    const text = sectionQuestion(corpus, heading, random);
    if (text !== null) questions.push(question(text, "heading", position));
  }
  return questions;
}

/**
 * One question per page, from its title; the page's first passage answers it. Folders with hundreds of similar pages,
 * such as one page per feature gate, are sampled.
 */
export function titleQuestions(corpus: TrainingCorpus, random: Random): TrainingQuestion[] {
  const questions: TrainingQuestion[] = [];
  const perFolder = new Map<string, number>();
  for (const page of corpus.byPage.keys()) perFolder.set(folderOf(page), (perFolder.get(folderOf(page)) ?? 0) + 1);
  for (const [page, positions] of corpus.byPage) {
    if (random() * perFolder.get(folderOf(page))! > MAX_OF_FOLDER) continue;
    const position = positions[0]!;
    const title = corpus.sections[position]!.heading[0] ?? "";
    if (
      isGenericHeading(corpus, title) ||
      (INDEX_PAGE.test(page) && !title.includes(" ")) ||
      title.split(/\s+/).length > MAX_WORDS
    )
      continue;
    questions.push({ ...question(headingQuestion(title, random), "title", position), scope: "page" });
  }
  return questions;
}

function folderOf(page: string): string {
  return page.slice(0, page.lastIndexOf("/") + 1);
}

function sectionQuestion(corpus: TrainingCorpus, trail: string[], random: Random): string | null {
  const heading = leafHeading({ heading: trail });
  const title = trail[0]!;
  if (trail.some(isEmptyHeading) || heading.split(/\s+/).length > MAX_WORDS) return null;
  if (isGenericHeading(corpus, heading)) return joined(heading, title, random);
  const specific = heading.split(/\s+/).length >= 2 || /[a-z][A-Z]|[-_.]/.test(heading);
  if (specific && random() < 0.65) return headingQuestion(heading, random);
  return addsWords(title, heading) ? joined(heading, title, random) : headingQuestion(heading, random);
}

function joined(heading: string, title: string, random: Random): string {
  const [part, whole] = [asTyped(heading, random), asTyped(title, random)];
  if (random() < 0.5) return `${whole} ${part}`;
  return /^\p{L}+$/u.test(part) ? `${part} of ${whole}` : `${part} ${whole}`;
}

function addsWords(title: string, heading: string): boolean {
  const have = new Set(plainText(heading).toLowerCase().split(/\s+/));
  return plainText(title)
    .toLowerCase()
    .split(/\s+/)
    .some((word) => !have.has(word));
}

function question(text: string, source: TrainingQuestion["source"], position: number): TrainingQuestion {
  return {
    text,
    source,
    position,
    window: null,
    reducedText: null,
    fromHeading: true,
    evidence: null,
    scope: "section",
    related: [],
  };
}
