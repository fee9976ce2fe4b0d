export const QUESTION_SOURCES = [
  "heading",
  "title",
  "link",
  "task",
  "condition",
  "cloze",
  "keywords",
  "definition",
  "written",
] as const;
export type QuestionSource = (typeof QUESTION_SOURCES)[number];

/** A question made from the docs, with the passage that answers it. */
export interface TrainingQuestion {
  text: string;
  source: QuestionSource;
  /** Index of the answering passage in the corpus. */
  position: number;
  /** The window of that passage that answers, from 0; null where it is the one nearest to the question. */
  window: number | null;
  /** Text of that window for training, where a part that gives the question away was taken out; else null. */
  reducedText: string | null;
  /** True when the heading gives the question away: half of such groups are trained without leaf headings. */
  fromHeading: boolean;
  /** Span of the passage's text that answers; null where the passage as a whole does. */
  evidence: string | null;
  /** What is never a negative: other passages of the section, or of the whole page. */
  scope: "section" | "page";
  /** Further passages that are never a negative, such as the one that holds the link. */
  related: number[];
}
