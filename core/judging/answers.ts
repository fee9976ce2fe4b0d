import type { AskResult } from "../../contracts/ask.ts";
import type { Estimate } from "../../contracts/evaluation.ts";
import type { Passage } from "../../contracts/passage.ts";
import { bootstrapMean } from "./bootstrap.ts";
import { cleanHeading, cleanWords } from "./cleanText.ts";
import { isAnswerable, type Question } from "./question.ts";
import { holdsEvidence } from "./relevance.ts";

/** One answer's figures, from the judgments of its question. */
export interface JudgedAnswer {
  id: string;
  answerable: boolean;
  refused: boolean;
  /** Given as the closest match that may not answer. */
  unsure: boolean;
  /** The answer's text, or one of its quotes, holds the evidence of a judgment (docs/evaluation.md#relevance). */
  holdsEvidence: boolean;
  /** A citation points at a judged section. */
  citesSection: boolean;
  /** The first citation alone points at a judged section or holds evidence. */
  firstIsRight: boolean;
  /** The available passages hold evidence or belong to a judged section. No answer can be right otherwise. */
  reachable: boolean;
  quotes: number;
  characters: number;
}

/** Shares over a question set, 0..1, with 95 % bootstrap intervals. Quotes and characters are means over the answers given. */
export interface AnswerFigures {
  answerable: number;
  /** Of the answerable questions. */
  right: Estimate;
  holdsEvidence: Estimate;
  citesSection: Estimate;
  firstIsRight: Estimate;
  reachable: Estimate;
  refused: Estimate;
  unsure: Estimate;
  unanswerable: number;
  /** Of the unanswerable questions. */
  rightlyRefused: Estimate;
  quotes: number;
  characters: number;
}

type Quoted = Pick<Passage, "page" | "heading"> & { text: string };

/** Judges an answer. `available` are the passages it could have used, whatever their relevance. */
export function judgeAnswer(question: Question, result: AskResult, available: readonly Passage[]): JudgedAnswer {
  const evidence = question.relevant.map((judgment) => cleanWords(judgment.evidence ?? "")).filter((w) => w.length > 0);
  const sections = question.relevant.map(({ path, heading }) => ({ path, heading: cleanHeading(heading) }));
  const holds = (text: string) => {
    const clean = ` ${cleanWords(text).join(" ")} `;
    return evidence.some((words) => holdsEvidence(clean, words));
  };
  const isJudged = ({ page, heading }: Pick<Passage, "page" | "heading">) =>
    sections.some((s) => s.path === page && (s.heading === "" || cleanHeading(heading.at(-1) ?? "") === s.heading));
  const isRight = (quoted: Quoted) => holds(quoted.text) || isJudged(quoted);
  const quotes: Quoted[] = result.citations.map(({ page, heading, quote }) => ({ page, heading, text: quote }));
  const refused = result.kind === "abstained";
  return {
    id: question.id,
    answerable: isAnswerable(question),
    refused,
    unsure: result.kind === "unsure",
    holdsEvidence: !refused && [result.answer, ...quotes.map(({ text }) => text)].some(holds),
    citesSection: quotes.some(isJudged),
    firstIsRight: quotes.slice(0, 1).some(isRight),
    reachable: available.some(isRight),
    quotes: quotes.length,
    characters: result.answer.length,
  };
}

/** True if the answer holds judged evidence or cites a judged section. */
export function isRight(answer: JudgedAnswer): boolean {
  return answer.holdsEvidence || answer.citesSection;
}

export function summarizeAnswers(answers: readonly JudgedAnswer[]): AnswerFigures {
  const asked = answers.filter((answer) => answer.answerable);
  const unanswerable = answers.filter((answer) => !answer.answerable);
  const given = answers.filter((answer) => !answer.refused);
  const mean = (of: (answer: JudgedAnswer) => number) =>
    given.reduce((sum, answer) => sum + of(answer), 0) / Math.max(1, given.length);
  const share = (of: readonly JudgedAnswer[], holds: (answer: JudgedAnswer) => boolean) =>
    bootstrapMean(of.map((answer) => (holds(answer) ? 1 : 0)));
  return {
    answerable: asked.length,
    right: share(asked, isRight),
    holdsEvidence: share(asked, (answer) => answer.holdsEvidence),
    citesSection: share(asked, (answer) => answer.citesSection),
    firstIsRight: share(asked, (answer) => answer.firstIsRight),
    reachable: share(asked, (answer) => answer.reachable),
    refused: share(asked, (answer) => answer.refused),
    unsure: share(asked, (answer) => answer.unsure),
    unanswerable: unanswerable.length,
    rightlyRefused: share(unanswerable, (answer) => answer.refused),
    quotes: mean(({ quotes }) => quotes),
    characters: mean(({ characters }) => characters),
  };
}
