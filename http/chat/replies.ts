import type { AskEvent, IdentifiedAnswer } from "../../contracts/askEvents.ts";
import type { ChatInput, ChatReply, Usage } from "../../contracts/chat.ts";
import type { ServerEvent } from "../sse.ts";
import { type ChatContent, chatContent, chatExtension } from "./content.ts";
import { textOf } from "./pageTask.ts";

/** Characters of a token in an estimate: the LLM's own count does not reach this process. */
const TOKEN = 4;
const AGAIN = "\n\n(The model begins anew.)\n\n";

/** What all parts of a reply share. */
export interface ReplyHead {
  id: string;
  created: number;
  /** The model as the caller named it. */
  model: string;
}

/** A whole reply. @param extension the fields of Winnow, for an answer from the docs */
export function wholeReply(
  head: ReplyHead,
  { text, annotations }: ChatContent,
  usage: Usage,
  extension?: ChatReply["winnow"],
): ChatReply {
  const message = { role: "assistant" as const, content: text, refusal: null, annotations };
  return {
    ...{ id: head.id, object: "chat.completion", created: head.created, model: head.model },
    choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
    usage,
    ...(extension ? { winnow: extension } : {}),
  };
}

/** Tokens of a request and its reply, estimated. */
export function usageOf({ messages }: Pick<ChatInput, "messages">, reply: string): Usage {
  const tokens = (characters: number) => Math.ceil(characters / TOKEN);
  const prompt_tokens = tokens(messages.reduce((sum, message) => sum + textOf(message).length, 0));
  const completion_tokens = tokens(reply.length);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/**
 * The chunks of a streamed reply, without the usage and the end. The LLM's text is sent as `reasoning_content` while it
 * is written: it is not checked yet, and OpenAI's stream cannot take text back. The checked answer follows as `content`.
 */
export async function* answerChunks(
  head: ReplyHead,
  events: AsyncIterable<AskEvent>,
  question: string,
): AsyncGenerator<{ chunk: ServerEvent; text: string }> {
  yield { chunk: chunkOf(head, { role: "assistant", content: "" }), text: "" };
  for await (const { event, data } of events) {
    if (event === "token") yield { chunk: chunkOf(head, { reasoning_content: data.text }), text: "" };
    if (event === "restart") yield { chunk: chunkOf(head, { reasoning_content: AGAIN }), text: "" };
    if (event === "answer" || event === "abstained") yield* answered(head, data, question);
  }
}

function* answered(head: ReplyHead, answer: IdentifiedAnswer, question: string) {
  const { text, annotations } = chatContent(answer);
  yield { chunk: chunkOf(head, { content: text }), text };
  yield { chunk: chunkOf(head, { annotations }, { winnow: chatExtension(answer, question) }), text: "" };
}

/** One chunk. `usage` is null in all but the last where the caller asked for it, as OpenAI does. */
export function chunkOf(
  { id, created, model }: ReplyHead,
  delta: object,
  more: object = {},
  finish_reason: "stop" | null = null,
): ServerEvent {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return { data: JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices, ...more }) };
}

/** The last chunks: why the text ended, the usage if it was asked for, and the mark of the end. */
export function* lastChunks(head: ReplyHead, usage: Usage | null): Generator<ServerEvent> {
  yield chunkOf(head, {}, {}, "stop");
  const { id, created, model } = head;
  if (usage !== null)
    yield { data: JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices: [], usage }) };
  yield { data: "[DONE]" };
}
