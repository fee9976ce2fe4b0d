import type { Context } from "hono";
import type { Doors } from "../../client/doors.ts";
import { type UiChat, type UiPart, uiChatSchema } from "../../contracts/aiSdk.ts";
import { askBodySchema } from "../../contracts/answer.ts";
import { parseInput } from "../../core/base/parseInput.ts";
import { partsOf } from "../aiSdk/parts.ts";
import { textOf } from "../chat/pageTask.ts";
import { conversationQuestion } from "../chat/question.ts";
import { HttpFailure } from "../failure.ts";
import { followed } from "../followed.ts";
import type { Env } from "../protocol.ts";
import { eventStream, type ServerEvent } from "../sse.ts";

/** What `?format=ai-sdk` gives, for the description of the route. */
export const AI_SDK = `With \`?format=ai-sdk\` the reply is the UI message stream of Vercel's AI SDK, version 1, for \`useChat\`, whose
own body \`{messages}\` is read too: the LLM's text as \`reasoning\` while it is written, then the checked answer as \`text\`, \`source-url\` parts (\`source-document\` where
the docs have no address), \`data-winnow\` with the id, kind and numbers of the answer, and \`finish\`; or \`error\`, or \`abort\` for a question that was cancelled.
\`data-passages\`, which is transient, comes before the first text.`;

/** Answers by the AI SDK's UI message stream. */
export async function answerUi(c: Context<Env>, doors: Doors): Promise<Response> {
  const { question, ...choice } = askedOf(await jsonOf(c));
  const { events, leave } = await followed(c, doors, question, choice);
  c.header("x-vercel-ai-ui-message-stream", "v1");
  return eventStream(c, written(c, partsOf(events, question)), leave);
}

async function jsonOf(c: Context<Env>): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw new HttpFailure(400, "BadInput", "body: this is no JSON");
  }
}

/** The question of Winnow's own body, or of the conversation that `useChat` sends. Throws BadInput. */
function askedOf(body: unknown) {
  const isChat = typeof body === "object" && body !== null && "messages" in body;
  if (!isChat) return parseInput(askBodySchema, body);
  const { messages, release, corpus, k, passages } = parseInput(uiChatSchema, body);
  return { question: conversationQuestion(turnsOf(messages)), release, corpus, k, passages };
}

function turnsOf(messages: UiChat["messages"]): string[] {
  return messages
    .filter(({ role }) => role === "user")
    .map(({ role, parts }) => textOf({ role, content: parts.filter(({ type }) => type === "text") }));
}

/** The parts as they are sent, to the end or to an error. */
async function* written(c: Context<Env>, parts: AsyncIterable<UiPart>): AsyncGenerator<ServerEvent> {
  try {
    for await (const part of parts) yield { data: JSON.stringify(part) };
  } catch (thrown) {
    const { code, message } = c.var.failure(thrown);
    const last: UiPart =
      code === "Cancelled" ? { type: "abort", reason: message } : { type: "error", errorText: message };
    yield { data: JSON.stringify(last) };
  }
  yield { data: "[DONE]" };
}
