import { z } from "zod";
import { questionSchema } from "./search.ts";

/** Documents of one request. */
export const MAX_DOCUMENTS = 1000;
/** Characters of one document. The reranker reads the first few hundred words. */
export const MAX_DOCUMENT = 100_000;

const textSchema = z
  .string()
  .max(MAX_DOCUMENT, `a document is at most ${MAX_DOCUMENT.toLocaleString("en")} characters`);
const documentSchema = z.union(
  [textSchema, z.looseObject({ text: textSchema })],
  `a document is a text of at most ${MAX_DOCUMENT.toLocaleString("en")} characters, or an object with such a text`,
);
const tooMany = `at most ${MAX_DOCUMENTS.toLocaleString("en")} documents`;

/** A rerank request of Cohere, Jina or vLLM, or of Text Embeddings Inference (TEI) with `texts`. */
export const rerankInputSchema = z
  .looseObject({
    model: z.string().max(200).nullish().describe("`winnow`, `winnow:<corpus>` or `winnow@<release>`."),
    query: questionSchema,
    documents: z.array(documentSchema).min(1, "there are no documents").max(MAX_DOCUMENTS, tooMany).optional(),
    texts: z
      .array(textSchema)
      .min(1, "there are no texts")
      .max(MAX_DOCUMENTS, tooMany)
      .optional()
      .describe("TEI's name of `documents`; the reply is then TEI's array."),
    top_n: z.number().int().min(0).nullish().describe("Best results to return; 0 or none returns all."),
    return_documents: z.boolean().nullish().describe("Repeats each document in its result."),
    raw_scores: z.boolean().nullish().describe("With `texts`: `score` is the logit."),
    return_text: z.boolean().nullish().describe("With `texts`: repeats each text."),
  })
  .refine(({ documents, texts }) => (documents === undefined) !== (texts === undefined), {
    path: ["documents"],
    message: "give either documents or texts",
  });
export type RerankInput = z.infer<typeof rerankInputSchema>;

const resultSchema = z.object({
  index: z.number().int().describe("Position in the request, from 0."),
  relevance_score: z.number().describe("P(relevant), 0 to 1; 0 for an empty document."),
  logit: z.number().nullable().describe("Logit of the reranker; null for an empty document."),
  truncated: z.boolean().describe("The reranker read only the beginning of the document."),
  document: z.object({ text: z.string() }).optional(),
});

/** The reply to a request with `documents`: the fields of Cohere, Jina and vLLM. */
export const rerankReplySchema = z.object({
  id: z.string(),
  model: z.string().describe("The release that scored: `winnow@<release>`."),
  results: z.array(resultSchema).describe("Best first."),
  usage: z.object({ prompt_tokens: z.number().int(), total_tokens: z.number().int() }),
  meta: z.object({
    api_version: z.object({ version: z.string() }),
    tokens: z.object({ input_tokens: z.number().int() }),
    warnings: z.array(z.string()).describe("Documents that are empty or were cut."),
  }),
});
export type RerankReply = z.infer<typeof rerankReplySchema>;

/** The reply to a request with `texts`: that of TEI. */
export const textsReplySchema = z.array(
  z.object({
    index: z.number().int(),
    score: z.number().describe("P(relevant), or the logit with `raw_scores`."),
    text: z.string().optional(),
    truncated: z.literal(true).optional(),
  }),
);
export type TextsReply = z.infer<typeof textsReplySchema>;
