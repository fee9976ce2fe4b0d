import { z } from "zod";
import { citationSchema, unsupportedSchema } from "./answer.ts";
import { USED_PASSAGES } from "./ask.ts";
import { corpusSchema, releaseSchema } from "./given.ts";
import type { AnswerKind } from "./names.ts";
import { limitsSchema, questionSchema } from "./search.ts";
import { servingReleaseSchema } from "./serving.ts";

/** Limits of `maxTokens`. Clients cut or refuse results of more than about 25,000 tokens. */
export const TOKENS = { least: 256, usual: 4000, most: 20_000 } as const;

const maxTokens = z
  .number()
  .int()
  .min(TOKENS.least)
  .max(TOKENS.most)
  .default(TOKENS.usual)
  .describe("Most tokens of the result, by an estimate that is rather high. Whole passages are left out from the end.");
const corpus = corpusSchema
  .optional()
  .describe("Name of the docs, from `status`; default: the corpus that `status` marks.");
const release = releaseSchema
  .optional()
  .describe("Id of a release instead of the one that serves. Results name theirs.");

const omitted = z.number().int().describe("Passages left out to stay within `maxTokens`.");
const note = z.string().nullable().describe("What was left out and how to get it; null if nothing was.");
const heading = z.array(z.string()).describe("Heading trail, from the page's title to the section.");
const lines = z.tuple([z.number(), z.number()]).describe("First and last line in the source file.");
const relevance = z.number().describe("P(relevant), 0 to 1, on one scale for the whole release.");
const threshold = z.number().describe("Smallest relevance of a passage that an answer uses.");
const unmeasured = z
  .boolean()
  .describe("True if the release is not measured yet: relevance and threshold are estimates.");
/** Which release a result is of, and what was left out of it. */
const origin = {
  release: z.string(),
  corpus: z.string(),
  ranking: z.enum(["reranked", "retrieval"]),
  unmeasured,
  omitted,
  note,
};

/** Input of the tool `search`. */
export const searchToolInput = z.object({
  query: questionSchema.describe("The question, as a person would ask it. Whole sentences rank better than keywords."),
  corpus,
  release,
  limit: z.number().int().min(1).max(30).default(8).describe("Most passages to return."),
  maxTokens,
});

/** Result of the tool `search`. */
export const searchToolOutput = z.object({
  results: z.array(
    z.object({
      id: z.string().describe("For `fetch`."),
      title: z.string(),
      url: z.string(),
      text: z.string(),
      relevance,
      aboveThreshold: z.boolean().describe("False: the passage is probably beside the point."),
      page: z.string().describe("Source file, relative to the root of the docs."),
      lines,
      rank: z.object({ served: z.number().int(), retrieval: z.number().int() }),
      scores: z.object({
        logit: z.number().nullable().describe("Of the reranker; null where it does not serve."),
        fused: z.number(),
        cosine: z.number(),
        bm25: z.number(),
      }),
    }),
  ),
  answerable: z.boolean().describe("False if no passage is relevant enough: `ask` would refuse."),
  unsure: z.boolean().describe("True if `ask` would not be sure."),
  threshold,
  limits: limitsSchema,
  ...origin,
});
export type SearchToolOutput = z.infer<typeof searchToolOutput>;

/** Input of the tool `fetch`. */
export const fetchToolInput = z.object({
  id: z.string().trim().min(1).max(200).describe("Id of a passage, from the results of `search` or `ask`."),
  corpus,
  maxTokens,
});

/** Result of the tool `fetch`. */
export const fetchToolOutput = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string().describe("The passage and what follows it on its page."),
  url: z.string(),
  metadata: z.object({
    corpus: z.string(),
    release: z.string(),
    page: z.string(),
    heading,
    lines,
    passages: z.number().int().describe("Passages in `text`."),
    first: z.string().nullable().describe("Id of the page's first passage; null if it is this one."),
    next: z.string().nullable().describe("Id of the first passage after `text`; null at the end of the page."),
    omitted,
    note,
  }),
});
export type FetchToolOutput = z.infer<typeof fetchToolOutput>;

/** Input of the tool `ask`. */
export const askToolInput = z.object({
  question: questionSchema.describe("One question that makes sense alone, without the conversation before it."),
  corpus,
  release,
  passages: z.number().int().min(1).max(10).default(USED_PASSAGES).describe("Most passages that the answer may use."),
  maxTokens,
});

const KINDS: Record<AnswerKind, string> = {
  llm: "written by a model from the citations",
  extractive: "quoted",
  unsure: "the closest quotes, which may not answer",
  abstained: "the docs do not seem to answer",
  degraded: "the model gave no answer, so the passages are quoted",
};

/** Result of the tool `ask`. */
export const askToolOutput = z.object({
  answered: z
    .boolean()
    .describe("False for a refusal, an unsure match, and passages that stand in for an answer that was not written."),
  kind: z.enum(Object.keys(KINDS) as AnswerKind[]).describe(
    Object.entries(KINDS)
      .map(([name, about]) => `\`${name}\`: ${about}.`)
      .join(" "),
  ),
  answer: z.string().describe("`[1]` refers to the first citation. `[?]` marks a sentence that no passage supports."),
  why: z.string().nullable().describe("Why it was refused, unsure or degraded; null for an answer."),
  refusedBy: z.enum(["threshold", "quotation", "llm"]).nullable(),
  relevance: z.number().nullable().describe("P(relevant) of the best passage; null if none was found."),
  threshold,
  limits: limitsSchema,
  citations: z.array(citationSchema),
  closest: z
    .array(citationSchema.extend({ id: z.string().describe("For `fetch`."), relevance }))
    .describe("Best passages when nothing was answered. They are no answer."),
  unsupported: z.array(unsupportedSchema).describe("Sentences of the answer that no passage supports."),
  receipt: z.string().nullable().describe("Id of the recorded answer; null for passages after the deadline."),
  model: z.string().nullable().describe("Model that wrote the answer; null for a quotation."),
  ...origin,
});
export type AskToolOutput = z.infer<typeof askToolOutput>;

/** Input of the tool `status`. */
export const statusToolInput = z.object({});

/** Result of the tool `status`. */
export const statusToolOutput = z.object({
  ready: z.boolean().describe("True if questions can be asked now."),
  why: z.string().nullable().describe("Why not; null if ready."),
  corpora: z.array(servingReleaseSchema),
});
export type StatusToolOutput = z.infer<typeof statusToolOutput>;
