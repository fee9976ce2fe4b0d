import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { bodyOf } from "../../base/bodyOf.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { type LocalModel, type Speed, TooSlow } from "./protocol.ts";
import { answerSeconds } from "./speed.ts";
import { createLine, TooMany } from "./turns.ts";

/** Requests that may wait for the one that computes. */
const MAY_WAIT = 2;
const MAX_BODY_BYTES = 512 * 1024;
const MAX_TOKENS = 400;
/** Below the deadline of the caller, who would lose the text. */
const WRITE_MS = 50_000;

const REQUEST = z.object({
  messages: z
    .array(z.object({ role: z.enum(["system", "user"]), content: z.string() }))
    .min(1)
    .max(20),
  max_tokens: z.number().int().min(1).default(MAX_TOKENS),
  temperature: z.number().min(0).max(2).default(0),
  stream: z.literal(false, "this endpoint does not stream").default(false),
});

/** What the server needs to know of its model. */
export interface Served {
  model: LocalModel;
  name: string;
  token: string;
  speed: Speed;
}

/**
 * An OpenAI-compatible endpoint: `GET /v1/models` and `POST /v1/chat/completions`, for holders of the token. One request
 * computes, a few wait, and further ones get 429 with Retry-After. A caller that hangs up ends its request.
 */
export function createLocalServer({ model, name, token, speed }: Served): Server {
  const line = createLine(MAY_WAIT);
  const chat = async (request: IncomingMessage, response: ServerResponse) => {
    const { messages, max_tokens, temperature } = REQUEST.parse(JSON.parse(await bodyOf(request, MAX_BODY_BYTES)));
    const left = new AbortController();
    response.once("close", () => left.abort());
    const limits = {
      ...{ maxTokens: Math.min(max_tokens, MAX_TOKENS), temperature, signal: left.signal },
      timeoutMs: WRITE_MS,
    };
    const { text, cut, promptTokens, tokens } = await line.take(() => model.write(messages, limits), left.signal);
    send(response, 200, {
      id: "local",
      object: "chat.completion",
      created: Math.floor(Date.now() / 1000),
      model: name,
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: cut ? "length" : "stop" }],
      usage: { prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens },
    });
  };
  return createServer(async (request, response) => {
    try {
      if (!mayCall(request, token)) return fail(response, 401, "the token of this endpoint is missing or wrong");
      if (request.method === "GET" && request.url === "/v1/models")
        return send(response, 200, { object: "list", data: [{ id: name, object: "model", owned_by: "local" }] });
      if (request.method === "POST" && request.url === "/v1/chat/completions") return await chat(request, response);
      fail(response, 404, "the paths are /v1/models and /v1/chat/completions");
    } catch (error) {
      failed(response, error, speed);
    }
  });
}

function failed(response: ServerResponse, error: unknown, speed: Speed) {
  if (response.destroyed) return;
  if (error instanceof TooMany) {
    response.setHeader("retry-after", Math.min(60, Math.max(1, Math.ceil(answerSeconds(speed)))));
    return fail(response, 429, "another answer is being written, and others wait");
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof WinnowError)
    return fail(response, 400, error instanceof z.ZodError ? z.prettifyError(error) : error.message);
  if (error instanceof TooSlow) return fail(response, 503, error.message);
  // node-llama-cpp's words for a prompt that does not fit.
  const tooLong = /context size|too long|failed to compress/i.test(messageOf(error));
  fail(response, tooLong ? 400 : 500, messageOf(error));
}

function mayCall({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function fail(response: ServerResponse, status: number, message: string) {
  send(response, status, { error: { message, type: "invalid_request_error" } });
}

function send(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
