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
  "voted",
] as const;
export type QuestionSource = (typeof QUESTION_SOURCES)[number];

/** A question made from the docs, with the passage that answers it. */
export interface TrainingQuestion {
  text: string;
  source: QuestionSource;
  /** Index of the answering passage in the corpus. */
  position: number;
  /** The window of that passage that answers, from 0; null means the window nearest to the question. */
  window: number | null;
  /** Text of that window for training without the part that gives the question away; null if nothing was removed. */
  reducedText: string | null;
  /** True if the heading gives the question away: half of such groups are trained without leaf headings. */
  fromHeading: boolean;
  /** Span of the passage's text that answers, or null if the whole passage does. */
  evidence: string | null;
  /** Scope excluded from negatives: the section's other passages, or the whole page. */
  scope: "section" | "page";
  /** Further passages that are never negatives, such as the one with the link. */
  related: number[];
  /** Passages that do not answer, by accepted votes: negatives before all others. */
  opposed?: readonly number[];
}
