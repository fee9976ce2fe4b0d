import { z } from "zod";
import {
  type AskResult,
  askInputSchema,
  type Citation,
  type Receipt,
  type ReceiptCandidate,
  type UnsupportedSentence,
} from "./ask.ts";
import type { FoundPassages, IdentifiedAnswer } from "./askEvents.ts";
import { ANSWER_KINDS, type AnswerKind } from "./names.ts";
import { limitsSchema, rankedPassageSchema } from "./search.ts";

/** Body of `POST /v1/ask`. */
export const askBodySchema = askInputSchema.omit({ stream: true });

export const citationSchema = rankedPassageSchema.pick({ page: true, heading: true, url: true, lines: true }).extend({
  quote: z.string().describe("Exact text of the passage."),
}) satisfies z.ZodType<Citation>;

export const unsupportedSchema = z.object({
  sentence: z.string(),
  reason: z.string(),
}) satisfies z.ZodType<UnsupportedSentence>;

const candidateSchema = rankedPassageSchema.omit({ text: true, lines: true, window: true }).extend({
  dropped: z.string().nullable().describe("Why the answer could not use it; null if it could."),
}) satisfies z.ZodType<ReceiptCandidate>;

const found = {
  release: z.string(),
  corpus: z.string(),
  ranking: z.enum(["reranked", "retrieval"]),
  threshold: z.number().describe("Least relevance of a passage that an answer uses."),
  limits: limitsSchema,
  unmeasured: z.literal(true).optional().describe("The release is not measured yet: relevance is an estimate."),
  candidates: z.array(candidateSchema),
};

/** Data of the event `passages`. */
export const foundPassagesSchema = z.object(found) satisfies z.ZodType<FoundPassages>;

const receiptSchema = z.object({
  ...found,
  refusedBy: z.enum(["threshold", "quotation", "llm"]).nullable().describe("Stage that refused; null for an answer."),
  why: z.string().nullable().describe("Why it refused or is not sure; null for an answer."),
  model: z.string().nullable().describe("The LLM; null for a quotation."),
}) satisfies z.ZodType<Receipt>;

export const answerKindSchema = z.enum(Object.keys(ANSWER_KINDS) as AnswerKind[]);

const askResultSchema = z.object({
  answer: z.string().describe("Markdown. `[n]` is `citations[n - 1]`; `[?]` follows what no passage supports."),
  kind: answerKindSchema.describe(
    "`extractive` is quoted; `unsure` quotes the closest match, which may not answer; `degraded` shows passages because the LLM failed; `abstained` is a refusal.",
  ),
  citations: z.array(citationSchema),
  closest: z.array(citationSchema).describe("Best passages of a refusal."),
  unsupported: z.array(unsupportedSchema).describe("Sentences of an LLM that no passage supports."),
  receipt: receiptSchema.describe("How the answer was made."),
}) satisfies z.ZodType<AskResult>;

/** An answer as `POST /v1/ask` and `GET /v1/asks/{id}` give it. */
export const answerSchema = askResultSchema.extend({
  id: z.string().describe("Id of the workflow, for `GET /v1/asks/{id}`."),
  withheld: z.literal(true).optional().describe("The LLM's text was not kept, only its sources and its receipt."),
}) satisfies z.ZodType<IdentifiedAnswer>;
