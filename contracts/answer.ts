import { z } from "zod";
import { type AskResult, askInputSchema, type Citation, type Receipt, type UnsupportedSentence } from "./ask.ts";
import type { FoundPassages, IdentifiedAnswer } from "./askEvents.ts";

/** Body of `POST /v1/ask`. */
export const askBodySchema = askInputSchema.omit({ stream: true });

const heading = z.array(z.string()).describe("Heading trail from the page title to the section.");
const page = z.string().describe("Path of the source file relative to the docs root.");
const url = z.string().describe("Address of the section.");

const citationSchema = z.object({
  page,
  heading,
  url,
  lines: z.tuple([z.number().int(), z.number().int()]).describe("First and last line in the source file, from 1."),
  quote: z.string().describe("Exact text of the passage."),
}) satisfies z.ZodType<Citation>;

const unsupportedSchema = z.object({
  sentence: z.string(),
  reason: z.string(),
}) satisfies z.ZodType<UnsupportedSentence>;

const candidateSchema = z.object({
  id: z.string().describe("Id of the passage, for `GET /v1/passages/{id}`."),
  page,
  heading,
  url,
  scores: z.object({
    bm25: z.number(),
    cosine: z.number().describe("-1 to 1."),
    fused: z.number().describe("Score that orders retrieval."),
    logit: z.number().nullable().describe("Logit of the reranker; null where it is off."),
    relevance: z.number().describe("Calibrated P(relevant), 0 to 1."),
  }),
  rank: z.object({ retrieval: z.number().int(), served: z.number().int() }).describe("From 1."),
  dropped: z.string().nullable().describe("Why the answer could not use it; null if it could."),
});

const found = {
  release: z.string(),
  corpus: z.string(),
  ranking: z.enum(["reranked", "retrieval"]),
  threshold: z.number().describe("Least relevance that serves."),
  unmeasured: z.literal(true).optional().describe("The release is not measured yet: relevance is an estimate."),
  candidates: z.array(candidateSchema),
};

/** Data of the event `passages`. */
export const foundPassagesSchema = z.object(found) satisfies z.ZodType<FoundPassages>;

const receiptSchema = z.object({
  ...found,
  refusedBy: z.enum(["threshold", "quotation", "llm"]).nullable().describe("Stage that refused; null for an answer."),
  why: z.string().nullable().describe("Why it refused; null for an answer."),
  model: z.string().nullable().describe("The LLM; null for a quotation."),
}) satisfies z.ZodType<Receipt>;

const askResultSchema = z.object({
  answer: z.string().describe("Markdown. `[n]` is `citations[n - 1]`; `[?]` follows what no passage supports."),
  kind: z
    .enum(["llm", "extractive", "abstained", "degraded"])
    .describe("`extractive` is quoted; `degraded` shows passages because the LLM failed; `abstained` is a refusal."),
  citations: z.array(citationSchema),
  closest: z.array(citationSchema).describe("Best passages of a refusal."),
  unsupported: z.array(unsupportedSchema).describe("Sentences of an LLM that no passage supports."),
  receipt: receiptSchema.describe("How the answer was made."),
}) satisfies z.ZodType<AskResult>;

/** An answer as `POST /v1/ask` and `GET /v1/asks/{id}` give it. */
export const answerSchema = askResultSchema.extend({
  id: z.string().describe("Id of the workflow, for `GET /v1/asks/{id}`."),
}) satisfies z.ZodType<IdentifiedAnswer>;
