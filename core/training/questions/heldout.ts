import type { HeldoutQuestion } from "../../artifacts/groups.ts";
import { WinnowError } from "../../base/errors.ts";
import { OFF_TOPIC } from "../../judging/question.ts";
import type { Candidate, Retriever } from "../../retrieval/retriever.ts";
import { leafHeading, type TrainingCorpus } from "../trainingCorpus.ts";
import { EVERYDAY_QUESTIONS } from "./everydayQuestions.ts";
import type { QuestionSource, TrainingQuestion } from "./question.ts";

/** Sources whose questions do not repeat the passage's own words verbatim. */
export const HELDOUT_SOURCES: readonly QuestionSource[] = [
  "heading",
  "title",
  "link",
  "task",
  "condition",
  "definition",
];

const KINDS: Record<QuestionSource, string> = {
  heading: "lookup",
  title: "concept",
  link: "concept",
  task: "howto",
  condition: "troubleshoot",
  cloze: "lookup",
  keywords: "keyword",
  definition: "concept",
  voted: "howto",
  written: "howto",
};
const EVIDENCE_WORDS = { least: 6, most: 40 };
/** If the best passage reaches one of these scores, the corpus may answer the everyday question. */
const MAY_ANSWER = { cosine: 0.6, bm25Share: 0.8 };

/** Questions that measure a release without a question set. */
export interface HeldoutQuestions {
  questions: readonly TrainingQuestion[];
  /** No page was held out: the questions are about all pages, so that they can measure no training. */
  allPages: boolean;
}

/** Number of answerable questions per unanswerable one. */
const ANSWERABLE_PER_UNANSWERABLE = 5;
/** Unanswerable questions for docs of a few pages. One or two would place the threshold by chance. */
const LEAST_OF_FEW_PAGES = 10;

/**
 * A question set of questions made from the docs, and of everyday questions that the docs do not answer. `allPages`
 * marks those of docs that are too small to hold pages out.
 */
export async function heldoutSet(
  corpus: TrainingCorpus,
  search: Pick<Retriever, "retrieve">,
  { questions, allPages }: HeldoutQuestions,
): Promise<HeldoutQuestion[]> {
  const answerable = questions.map((question, index) => generatedQuestion(corpus, question, index + 1));
  const share = Math.ceil(answerable.length / ANSWERABLE_PER_UNANSWERABLE);
  const wanted = allPages && share > 0 ? Math.max(share, LEAST_OF_FEW_PAGES) : share;
  const best = new Map<string, Candidate | undefined>();
  for (const question of EVERYDAY_QUESTIONS) best.set(question, (await search.retrieve(question, 1))[0]);
  return [...answerable, ...everydayQuestions((question) => best.get(question), wanted, answerable.length + 1)];
}

/** Throws `BadInput` for docs without a question: without a question set, nothing can set the threshold. */
export function requireHeldout(answerable: number, pages: number): void {
  if (answerable > 0) return;
  throw new WinnowError(
    "BadInput",
    `${pages} pages give no question, so nothing can set the threshold: check that they have headings and prose, or give a question set (--questions)`,
  );
}

/**
 * The question as a line of a question set. The sentence that made the question is its evidence. Without one, any
 * passage of the section answers, or of the page if the question is about the page.
 */
export function generatedQuestion(corpus: TrainingCorpus, question: TrainingQuestion, number: number): HeldoutQuestion {
  const section = corpus.sections[question.position]!;
  const evidence = question.evidence === null ? null : evidenceOf(question.evidence);
  return {
    id: `g${String(number).padStart(3, "0")}`,
    query: question.text,
    kind: KINDS[question.source],
    relevant: [
      {
        path: section.page,
        heading: question.scope === "section" && section.heading.length > 1 ? leafHeading(section) : "",
        grade: 2,
        ...(evidence === null ? {} : { evidence }),
      },
    ],
    generated: true,
    source: question.source,
  };
}

/** Everyday questions that no passage of the corpus comes close to, as lines of a question set. */
export function everydayQuestions(
  best: (question: string) => Candidate | undefined,
  count: number,
  firstNumber: number,
): HeldoutQuestion[] {
  return EVERYDAY_QUESTIONS.filter((question) => {
    const top = best(question);
    return top === undefined || (top.cosine < MAY_ANSWER.cosine && top.bm25Share < MAY_ANSWER.bm25Share);
  })
    .slice(0, count)
    .map((query, index) => ({
      id: `g${String(firstNumber + index).padStart(3, "0")}`,
      query,
      kind: OFF_TOPIC,
      relevant: [],
      generated: true,
      source: "everyday",
    }));
}

/** The sentence, cut to 40 words, or null if it is too short to be found again. */
function evidenceOf(sentence: string): string | null {
  const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words.length < EVIDENCE_WORDS.least ? null : words.slice(0, EVIDENCE_WORDS.most).join(" ");
}
