import { z } from "zod";
import { askBodySchema } from "./answer.ts";
import { MAX_MESSAGES, partSchema } from "./chat.ts";

/** What `useChat` of Vercel's AI SDK posts: the whole conversation. Fields that are not listed have no effect. */
export const uiChatSchema = askBodySchema
  .omit({ question: true })
  .loose()
  .extend({
    messages: z
      .array(z.looseObject({ role: z.string(), parts: z.array(partSchema) }))
      .min(1, "there are no messages")
      .max(MAX_MESSAGES)
      .describe("The last user message is the question; earlier ones resolve what it leaves out."),
  });
export type UiChat = z.infer<typeof uiChatSchema>;

/** A part of the AI SDK's UI message stream, version 1, of the kinds that Winnow sends. */
export type UiPart =
  | { type: "start"; messageId: string }
  | { type: "reasoning-start" | "reasoning-end" | "text-start" | "text-end"; id: string }
  | { type: "reasoning-delta" | "text-delta"; id: string; delta: string }
  | { type: "source-url"; sourceId: string; url: string; title: string }
  | { type: "source-document"; sourceId: string; mediaType: string; title: string; filename: string }
  | { type: "data-passages"; data: object; transient: true }
  | { type: "data-winnow"; id: string; data: object }
  | { type: "error"; errorText: string }
  | { type: "abort"; reason: string }
  | { type: "finish"; finishReason: "stop" };
