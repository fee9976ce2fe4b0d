import { z } from "zod";
import { answerSchema } from "./answer.ts";
import { limitsSchema } from "./search.ts";

/** Messages of one request: a chat page sends the whole conversation every time. */
export const MAX_MESSAGES = 1000;

/** A part of a message. Its text is read, if it has one. */
export const partSchema = z.looseObject({ type: z.string(), text: z.string().nullish() });
const messageSchema = z.looseObject({
  role: z.string().describe("`user` messages are read; `system`, `assistant` and others are accepted."),
  content: z
    .union([z.string(), z.array(partSchema)])
    .nullish()
    .describe("A text, or parts, of which texts are read."),
});

/** OpenAI's chat request. Fields that are not listed are accepted and have no effect. */
export const chatInputSchema = z.looseObject({
  model: z.string().max(200).nullish().describe("`winnow`, `winnow:<corpus>` or `winnow@<release>`."),
  messages: z
    .array(messageSchema)
    .min(1, "there are no messages")
    .max(MAX_MESSAGES)
    .describe("The last user message is the question; earlier ones resolve what it leaves out."),
  stream: z.boolean().nullish().describe("Sends the answer as events."),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish() })
    .nullish()
    .describe("`include_usage` adds a last event with the usage."),
  n: z.number().int().min(1).max(1, "only one answer is given for a question").nullish(),
});
export type ChatInput = z.infer<typeof chatInputSchema>;
export type ChatMessage = z.infer<typeof messageSchema>;

/** What Winnow adds to an answer of the chat API. */
const extensionSchema = answerSchema.pick({ kind: true, citations: true, closest: true, unsupported: true }).extend({
  id: z.string().describe("Id of the answer, whose receipt `GET /v1/asks/{id}` gives."),
  question: z.string().describe("The question that was asked of the docs, with what earlier turns add to it."),
  release: z.string(),
  corpus: z.string(),
  relevance: z.number().nullable().describe("P(relevant) of the best passage; null if none was found."),
  threshold: z.number().describe("Least P(relevant) of a passage that an answer uses."),
  limits: limitsSchema,
  why: z.string().nullable().describe("Why nothing was answered; null for an answer."),
});
export type ChatExtension = z.infer<typeof extensionSchema>;

const annotationSchema = z.object({
  type: z.literal("url_citation"),
  url_citation: z.object({
    url: z.string(),
    title: z.string(),
    start_index: z.number().int(),
    end_index: z.number().int(),
  }),
});
export type Annotation = z.infer<typeof annotationSchema>;

const usageSchema = z.object({
  prompt_tokens: z.number().int(),
  completion_tokens: z.number().int(),
  total_tokens: z.number().int(),
});
export type Usage = z.infer<typeof usageSchema>;

/** OpenAI's answer. */
export const chatReplySchema = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.number().int().describe("Seconds since 1970."),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.literal(0),
      message: z.object({
        role: z.literal("assistant"),
        content: z.string(),
        refusal: z.null(),
        annotations: z.array(annotationSchema),
      }),
      logprobs: z.null(),
      finish_reason: z.literal("stop"),
    }),
  ),
  usage: usageSchema.describe("Estimated at four characters a token."),
  winnow: extensionSchema.optional().describe("Absent in replies to a chat page's own tasks."),
});
export type ChatReply = z.infer<typeof chatReplySchema>;

/** One of OpenAI's models, with the release that it stands for. */
export const modelSchema = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.number().int().describe("Seconds since 1970."),
  owned_by: z.literal("winnow"),
  winnow: z.object({
    release: z.string(),
    corpus: z.string(),
    ranking: z.enum(["reranked", "retrieval"]),
    champion: z.boolean(),
  }),
});

export const modelListSchema = z.object({ object: z.literal("list"), data: z.array(modelSchema) });
