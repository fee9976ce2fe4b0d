import { z } from "zod";

const estimateSchema = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .describe("A value with its 95 % interval over questions.");

/** Measured quality of a release as it serves. */
const qualitySchema = z.object({
  source: z
    .enum(["judged", "generated"])
    .describe("Origin of the questions. Generated ones come from the docs themselves and flatter the search."),
  questions: z.number().int().describe("Answerable questions that were scored."),
  ndcg: estimateSchema.nullable().describe("nDCG@10 of the served order."),
  falseAnswerRate: z
    .number()
    .nullable()
    .describe("Share of unanswerable questions that were answered; null if unmeasured."),
  falseRefusalRate: z.number().nullable().describe("Share of answerable questions that were refused."),
  unsureRate: z.number().nullable().describe("Share of all questions for which it is not sure, and says so."),
});

/** A release that serves, as a caller from outside sees it. */
export const servingReleaseSchema = z.object({
  corpus: z.string().describe("Name of the docs."),
  release: z.string().describe("Id of the release."),
  createdAt: z.string().describe("When the release was built, as an ISO date."),
  default: z.boolean().describe("True for the corpus that is asked when none is named."),
  docs: z.object({
    source: z.string().describe("Git address with its ref, or the name of the folder or archive."),
    version: z.string().describe("Start of the digest of the pages."),
    pages: z.number().int(),
    passages: z.number().int(),
  }),
  ranking: z.enum(["reranked", "retrieval"]).describe("Order of the passages: by the reranker, or by retrieval alone."),
  quality: qualitySchema
    .nullable()
    .describe("Null if the release is not measured yet: its relevance and threshold are estimates."),
});
export type ServingRelease = z.infer<typeof servingReleaseSchema>;
