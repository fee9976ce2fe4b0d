import { z } from "zod";
import { corpusSchema, releaseSchema } from "./given.ts";
import { type AnswerKind, MAX_QUESTION, QUESTION_TOO_LONG } from "./names.ts";
import type { Limits, Passage, PassageScores, Ranking } from "./passage.ts";

/** Most passages that an answer uses, unless the caller says otherwise. */
export const USED_PASSAGES = 4;

/** Input of workflow `ask`. */
export const askInputSchema = z.strictObject({
  question: z
    .string()
    .trim()
    .min(1, "the question is empty")
    .max(MAX_QUESTION, QUESTION_TOO_LONG)
    .describe("The question."),
  release: releaseSchema
    .optional()
    .describe("Release to ask; default: the champion of `corpus`, or of the corpus promoted last."),
  corpus: corpusSchema.optional().describe("Corpus whose champion is asked."),
  k: z.number().int().min(1).max(30).default(30).describe("Candidates to retrieve and rerank."),
  passages: z.number().int().min(1).max(10).default(USED_PASSAGES).describe("Most passages that the answer may use."),
  stream: z.boolean().default(false).describe("Shows the LLM's text in its activity's heartbeats while it is written."),
});
export type AskInput = z.infer<typeof askInputSchema>;

export interface Citation {
  page: string;
  heading: string[];
  url: string;
  lines: [number, number];
  /** Exact text of the passage. */
  quote: string;
}

/** A sentence or piece of code in an LLM's answer that the passages do not support; the text marks sentences `[?]`. */
export interface UnsupportedSentence {
  sentence: string;
  reason: string;
}

/** One candidate's line in the receipt. */
export interface ReceiptCandidate extends Omit<Passage, "text" | "lines"> {
  scores: PassageScores;
  rank: { retrieval: number; served: number };
  /** `null` for a passage that the answer could use, otherwise why it was dropped. */
  dropped: string | null;
}

/** How an answer was made. */
export interface Receipt {
  release: string;
  corpus: string;
  ranking: Ranking;
  threshold: number;
  limits: Limits;
  /** Stage that refused, for an abstention. `quotation` found nothing to quote in the relevant passages. */
  refusedBy: "threshold" | "quotation" | "llm" | null;
  /** Why it refused or is not sure, with the best relevance and the limit; `null` for an answer. */
  why: string | null;
  model: string | null;
  /** The release is not measured yet: relevance and threshold are estimates. Absent otherwise. */
  unmeasured?: true;
  candidates: ReceiptCandidate[];
}

export interface AskResult {
  answer: string;
  kind: AnswerKind;
  citations: Citation[];
  /** Best passages when nothing was answered. */
  closest: Citation[];
  /** Sentences of an LLM's answer that its passages do not support; empty for other answers, which are quotations. */
  unsupported: UnsupportedSentence[];
  receipt: Receipt;
}
