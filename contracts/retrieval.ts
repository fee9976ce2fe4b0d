import { z } from "zod";
import { linesSchema, MAX_FOUND, questionSchema } from "./search.ts";

/** Dify's request to an external knowledge base. */
export const retrievalInputSchema = z.looseObject({
  knowledge_id: z
    .string()
    .min(1, "the knowledge_id is empty")
    .max(200)
    .describe("`winnow`, `winnow:<corpus>`, `winnow@<release>`, or the name of a corpus."),
  query: questionSchema,
  retrieval_setting: z
    .looseObject({
      top_k: z.number().int().min(1).max(MAX_FOUND).default(4).describe("Most records."),
      score_threshold: z.number().min(0).max(1).nullish().describe("Least P(relevant) of a record."),
    })
    .prefault({}),
  metadata_condition: z
    .looseObject({ conditions: z.array(z.unknown()).nullish() })
    .nullish()
    .describe("Filters are not supported: a request with conditions is refused."),
});

export const retrievalReplySchema = z.object({
  records: z
    .array(
      z.object({
        content: z.string(),
        score: z.number().describe("P(relevant), 0 to 1."),
        title: z.string(),
        metadata: z.object({
          path: z.string().describe("Path of the source file relative to the docs root."),
          url: z.string(),
          heading: z.array(z.string()),
          lines: linesSchema,
          passage: z.string().describe("Id of the passage."),
          release: z.string(),
          threshold: z.number().describe("Least P(relevant) that this release answers from."),
        }),
      }),
    )
    .describe("In served order; empty if nothing reaches `score_threshold`."),
});
