import { z } from "zod";
import { corpusSchema, releaseSchema } from "./given.ts";
import { MAX_QUESTION, QUESTION_TOO_LONG } from "./names.ts";
import { type Limits, type Passage, type RankedPassage, SERVING_DEPTH, type SearchResult } from "./passage.ts";

/** Passages of the longest list that a search returns. */
export const MAX_FOUND = 100;

export const questionSchema = z
  .string()
  .trim()
  .min(1, "the question is empty")
  .max(MAX_QUESTION, QUESTION_TOO_LONG)
  .describe("The question.");

/** Which release is looked up. */
export const releaseChoiceSchema = z.strictObject({
  release: releaseSchema
    .optional()
    .describe("Release; default: the champion of `corpus`, or of the corpus promoted last."),
  corpus: corpusSchema.optional().describe("Corpus whose champion is used."),
});

/** Body of `POST /v1/search`. */
export const searchInputSchema = releaseChoiceSchema.extend({
  question: questionSchema,
  k: z.number().int().min(1).max(MAX_FOUND).default(SERVING_DEPTH).describe("Passages to return."),
});

/** A pair. The writer of openapi.json describes tuples in a form that OpenAPI 3.1 does not have. */
export const linesSchema = z
  .tuple([z.number().int(), z.number().int()])
  .describe("First and last line in the source file, from 1.")
  .meta({ type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 });

const passageSchema = z.object({
  id: z.string().describe("Id, stable within a corpus."),
  page: z.string().describe("Path of the source file relative to the docs root."),
  heading: z.array(z.string()).describe("Heading trail from the page title to the section."),
  url: z.string().describe("Address of the section."),
  lines: linesSchema,
  text: z.string(),
}) satisfies z.ZodType<Passage>;

/** A passage with its scores and ranks. */
export const rankedPassageSchema = passageSchema.extend({
  window: z.number().int().describe("The part of a long passage that the reranker read, from 0."),
  scores: z.object({
    bm25: z.number(),
    cosine: z
      .number()
      .describe(
        "Cosine of question and nearest window: -1 to 1 for all-MiniLM-L6-v2. Those of another embedder are mapped to its scale, so that weights mean the same, and may lie outside.",
      ),
    fused: z.number().describe("Score that orders retrieval."),
    logit: z.number().nullable().describe("Logit of the reranker; null where it is off."),
    relevance: z.number().describe("Calibrated P(relevant), 0 to 1."),
  }),
  rank: z.object({ retrieval: z.number().int(), served: z.number().int() }),
}) satisfies z.ZodType<RankedPassage>;

/** The two limits of the best relevance. */
export const limitsSchema = z
  .object({
    refuse: z.number().describe("Below it, a question is refused."),
    answer: z.number().describe("From it on, a question is answered."),
  })
  .describe("Between these values of the best relevance Winnow is not sure.") satisfies z.ZodType<Limits>;

/** Result of a search: the document that `winnow search --json` prints. */
export const searchResultSchema = z.object({
  release: z.string(),
  ranking: z.enum(["reranked", "retrieval"]),
  passages: z.array(rankedPassageSchema).describe("In served order."),
  threshold: z.number().describe("Least relevance of a passage that an answer uses."),
  limits: limitsSchema,
  abstain: z.boolean().describe("True if no passage reaches `limits.refuse`."),
  unsure: z.boolean().describe("True if the best passage lies between the limits."),
  unmeasured: z.literal(true).optional().describe("The release is not measured yet: relevance is an estimate."),
}) satisfies z.ZodType<SearchResult>;

/** A passage with the release that it was read from. */
export const foundPassageSchema = z.object({ release: z.string(), corpus: z.string(), passage: passageSchema });
