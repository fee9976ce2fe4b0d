import { randomUUID } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Doors } from "../../client/doors.ts";
import type { ReleaseChoice } from "../../client/openRelease.ts";
import type { AskEvent } from "../../contracts/askEvents.ts";
import { type ChatInput, chatInputSchema, chatReplySchema } from "../../contracts/chat.ts";
import { endsWithin } from "../../core/base/endsWithin.ts";
import { chatContent, chatExtension } from "../chat/content.ts";
import { localAnswer, type PageTask, WORTH_AN_LLM } from "../chat/pageTask.ts";
import { wantedOf } from "../chat/question.ts";
import { answerChunks, chunkOf, lastChunks, type ReplyHead, usageOf, wholeReply } from "../chat/replies.ts";
import { OPENAI_ERRORS } from "../errorSchema.ts";
import { followed } from "../followed.ts";
import { DEFAULT_MODEL, withModel } from "../models.ts";
import { openaiError } from "../openai.ts";
import type { Env, Protocol } from "../protocol.ts";
import { eventSchema, eventStream, type ServerEvent } from "../sse.ts";

const PATH = "/v1/chat/completions";
const MB = 2 ** 20;
/** Time in which a failure still gets a status of its own; then the stream begins. */
const BEGIN_MS = 1000;

const route = createRoute({
  method: "post",
  path: PATH,
  summary: "Answer a chat's last question from the docs, in OpenAI's shape",
  request: { body: { required: true, content: { "application/json": { schema: chatInputSchema } } } },
  responses: {
    ...OPENAI_ERRORS,
    200: {
      description: "The answer with its sources, or a refusal as ordinary content; chunks with `stream`.",
      content: { "application/json": { schema: chatReplySchema }, "text/event-stream": { schema: eventSchema } },
    },
  },
});

/** OpenAI's chat completions. */
export const chat: Protocol = {
  paths: [PATH],
  errorBody: openaiError,
  maxBodyBytes: 4 * MB,
  register(app, doors) {
    app.openapi(route, async (c) => {
      const input = c.req.valid("json");
      const wanted = wantedOf(input);
      if (wanted.task !== null) return pageReply(c, doors, input, wanted);
      const { question } = wanted;
      return withModel(doors, input.model, (choice) =>
        input.stream ? streamed(c, doors, input, question, choice) : whole(c, doors, input, question, choice),
      );
    });
  },
};

async function whole(c: Context<Env>, doors: Doors, input: ChatInput, question: string, choice: ReleaseChoice) {
  const answer = await doors.ask(question, { ...choice, signal: c.req.raw.signal });
  const content = chatContent(answer);
  const head = headOf(input, answer.id);
  return c.json(wholeReply(head, content, usageOf(input, content.text), chatExtension(answer, question)), 200);
}

async function streamed(c: Context<Env>, doors: Doors, input: ChatInput, question: string, choice: ReleaseChoice) {
  const { events, leave } = await followed(c, doors, question, choice);
  const accepted = await events.next();
  const id = accepted.value?.event === "accepted" ? accepted.value.data.id : randomUUID();
  const head = headOf(input, id);
  const begun = await ahead(events);
  // The type of a stream is no JSON of the route's schema.
  return eventStream(c, chunksOf(c, input, head, begun, question), leave) as never;
}

/** The chunks to the end, or to an error. */
async function* chunksOf(
  c: Context<Env>,
  input: ChatInput,
  head: ReplyHead,
  events: AsyncIterable<AskEvent>,
  question: string,
): AsyncGenerator<ServerEvent> {
  try {
    let written = "";
    for await (const { chunk, text } of answerChunks(head, events, question)) {
      written += text;
      yield chunk;
    }
    yield* lastChunks(head, input.stream_options?.include_usage ? usageOf(input, written) : null);
  } catch (thrown) {
    yield { data: JSON.stringify(openaiError(c.var.failure(thrown))) };
  }
}

/** The same events, after the first of them came, or `BEGIN_MS` passed. Throws what comes instead of the first. */
async function ahead(events: AsyncGenerator<AskEvent>): Promise<AsyncIterable<AskEvent>> {
  const first = events.next();
  if (await endsWithin(first, BEGIN_MS)) await first;
  return (async function* () {
    const { value, done } = await first;
    if (!done) yield value;
    yield* events;
  })();
}

/** Does a task of the chat page itself, which is no question: nothing is retrieved and no workflow starts. */
async function pageReply(
  c: Context<Env>,
  doors: Doors,
  input: ChatInput,
  { task, prompt }: { task: PageTask; prompt: string },
) {
  const text = await taskAnswer(doors, task, prompt, c.req.raw.signal);
  const head = headOf(input, randomUUID());
  if (!input.stream) return c.json(wholeReply(head, { text, annotations: [] }, usageOf(input, text)), 200);
  const chunks = (async function* () {
    yield chunkOf(head, { role: "assistant", content: text });
    yield* lastChunks(head, input.stream_options?.include_usage ? usageOf(input, text) : null);
  })();
  return eventStream(c, chunks, () => {}) as never;
}

async function taskAnswer(doors: Doors, task: PageTask, prompt: string, signal: AbortSignal): Promise<string> {
  if (!doors.complete || !WORTH_AN_LLM.includes(task)) return localAnswer(task, prompt);
  // A title is not worth an error.
  return doors.complete(prompt, signal).catch(() => localAnswer(task, prompt));
}

function headOf({ model }: ChatInput, id: string): ReplyHead {
  return { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1000), model: model || DEFAULT_MODEL };
}
