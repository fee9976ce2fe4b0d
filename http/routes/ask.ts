import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { z } from "zod";
import type { Doors } from "../../client/doors.ts";
import { answerSchema, askBodySchema } from "../../contracts/answer.ts";
import type { AskEvent } from "../../contracts/askEvents.ts";
import { ERRORS } from "../errorSchema.ts";
import { HttpFailure } from "../failure.ts";
import { followed } from "../followed.ts";
import type { App, Env, Protocol } from "../protocol.ts";
import { eventSchema, eventStream, type ServerEvent } from "../sse.ts";
import { AI_SDK, answerUi } from "./aiSdk.ts";

const EVENTS = `\`Accept: text/event-stream\` gives the answer while it is made, as events with JSON data:

- \`accepted\` \`{id}\`: the question is recorded, and can be read again by its id.
- \`passages\`: the candidates with all scores, ranks, and why each was dropped. Before the first token.
- \`token\` \`{text}\`: text that the LLM added. It is not checked yet. Show it as text.
- \`restart\`: the LLM begins anew; all tokens before are void.
- \`answer\` or \`abstained\`: the recorded result. It replaces all tokens.
- \`error\` \`{code, message}\`: the last event instead.

A client that closes the connection cancels the question.

${AI_SDK}`;

const MB = 2 ** 20;
const PATH = "/v1/ask";
const UI_FORMAT = "ai-sdk";

const askRoute = createRoute({
  method: "post",
  path: PATH,
  summary: "Answer a question from the docs",
  description: EVENTS,
  request: {
    query: z.object({ format: z.literal(UI_FORMAT).optional().describe("The AI SDK's UI message stream.") }),
    body: { required: true, content: { "application/json": { schema: askBodySchema } } },
  },
  responses: {
    200: {
      description: "The answer, or a refusal with the closest passages.",
      content: { "application/json": { schema: answerSchema }, "text/event-stream": { schema: eventSchema } },
    },
    ...ERRORS,
  },
});

const storedRoute = createRoute({
  method: "get",
  path: "/v1/asks/{id}",
  summary: "Read an earlier answer again",
  description:
    "From Temporal while it keeps the workflow, then from the record. A question that failed answers with its error, while Temporal keeps it.",
  request: { params: z.object({ id: z.string().min(1).max(255) }) },
  responses: {
    200: { description: "The answer as it was recorded.", content: { "application/json": { schema: answerSchema } } },
    202: {
      description: "It is not answered yet.",
      content: { "application/json": { schema: z.object({ id: z.string(), status: z.literal("running") }) } },
    },
    ...ERRORS,
  },
});

/** Winnow's own API for questions. */
export const ask: Protocol = {
  paths: [PATH],
  // A page of the AI SDK sends the whole conversation.
  maxBodyBytes: 4 * MB,
  register(app: App, doors: Doors) {
    // Its body has another schema.
    app.post(PATH, (c, next) => (c.req.query("format") === UI_FORMAT ? answerUi(c, doors) : next()));
    app.openapi(askRoute, async (c) => {
      const { question, ...choice } = c.req.valid("json");
      if (!wantsEvents(c)) return c.json(await doors.ask(question, { ...choice, signal: c.req.raw.signal }), 200);
      const { events, leave } = await followed(c, doors, question, choice);
      // The status and the type of a stream are no JSON of the route's schema.
      return eventStream(c, told(c, events), leave) as never;
    });
    app.openapi(storedRoute, async (c) => {
      const { id } = c.req.valid("param");
      const stored = await doors.stored(id);
      if (stored === null)
        throw new HttpFailure(404, "NotFound", "there is no such answer, or it is not kept any more");
      return stored === "running" ? c.json({ id, status: "running" as const }, 202) : c.json(stored, 200);
    });
  },
};

function wantsEvents(c: Context<Env>): boolean {
  const supports = ["application/json", "text/event-stream"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/event-stream";
}

/** The events as they are sent. The last one may be an error. */
async function* told(c: Context<Env>, events: AsyncIterable<AskEvent>): AsyncGenerator<ServerEvent> {
  try {
    for await (const { event, data } of events) yield { event, data: JSON.stringify(data) };
  } catch (thrown) {
    const { code, message, retryAfter } = c.var.failure(thrown);
    yield { event: "error", data: JSON.stringify({ code, message, ...(retryAfter === null ? {} : { retryAfter }) }) };
  }
}
