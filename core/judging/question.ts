import { z } from "zod";

const judgmentSchema = z.object({
  path: z.string().min(1).describe("Page, relative to the docs root."),
  heading: z.string().default("").describe('Heading of the section as written in the source; `""` for the whole page.'),
  anchor: z.string().optional().describe("Anchor of the section's URL, if its heading is unknown."),
  grade: z.union([z.literal(1), z.literal(2)]).describe("2 answers the question, 1 helps."),
  evidence: z
    .string()
    .optional()
    .describe("Exact span of the page that answers. Without it, the whole section counts."),
});
export type Judgment = z.infer<typeof judgmentSchema>;

export const questionSchema = z.object({
  id: z.string().min(1).describe("Name of the question. No other line of the set has it."),
  query: z.string().trim().min(1).describe("The question in a user's words."),
  kind: z
    .string()
    .min(1)
    .describe(
      "Kind of question. `howto`, `concept`, `troubleshoot`, `lookup` and `keyword` are usual; any other word is a kind of its own. `unanswerable-near` (close to the docs' subject) and `unanswerable-offtopic` mark questions that the docs do not answer.",
    ),
  relevant: z
    .array(judgmentSchema)
    .describe("What answers the question: empty if the docs do not, otherwise at least one judgment."),
  answer: z.string().optional().describe("The answer in words, for people. Nothing reads it."),
  draft: z
    .string()
    .optional()
    .describe("Why `winnow questions draft` wrote the line. A line with it is not judged yet, and is refused."),
  proposed: z
    .array(judgmentSchema)
    .optional()
    .describe("Passages that may answer, to choose judgments from. Nothing else reads it."),
  mustPass: z.boolean().default(false).describe("A candidate release that loses this question is not promoted."),
});

/** One line of a question set. Kinds that start with `unanswerable` have no judgment. */
export type Question = z.infer<typeof questionSchema>;

/** Usual kinds of answerable questions. */
export const KINDS = ["howto", "concept", "troubleshoot", "lookup", "keyword"] as const;

export const NEAR_TOPIC = "unanswerable-near";
export const OFF_TOPIC = "unanswerable-offtopic";

/** True when the docs hold an answer to the question. */
export function isAnswerable(question: Question): boolean {
  return !question.kind.startsWith("unanswerable");
}
