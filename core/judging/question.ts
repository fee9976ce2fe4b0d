import { z } from "zod";

const judgmentSchema = z.object({
  /** Page, relative to the docs root. */
  path: z.string().min(1),
  /** Heading of the section as written in the source; `""` for the whole page. */
  heading: z.string().default(""),
  /** Anchor of the section's URL, if its heading is unknown. */
  anchor: z.string().optional(),
  /** 2 answers the question, 1 helps. */
  grade: z.union([z.literal(1), z.literal(2)]),
  /** Exact span of the page that answers. Without it, the whole section counts. */
  evidence: z.string().optional(),
});
export type Judgment = z.infer<typeof judgmentSchema>;

export const questionSchema = z.object({
  id: z.string().min(1),
  query: z.string().trim().min(1),
  kind: z.string().min(1),
  relevant: z.array(judgmentSchema),
  answer: z.string().optional(),
  /** A candidate release that loses this question is not promoted. */
  mustPass: z.boolean().default(false),
});

/** One line of a question set. Kinds that start with `unanswerable` have no judgment. */
export type Question = z.infer<typeof questionSchema>;

export const NEAR_TOPIC = "unanswerable-near";
export const OFF_TOPIC = "unanswerable-offtopic";

/** True when the docs hold an answer to the question. */
export function isAnswerable(question: Question): boolean {
  return !question.kind.startsWith("unanswerable");
}
