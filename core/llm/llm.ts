import OpenAI from "openai";
import { withoutControls } from "../base/controls.ts";
import { boundedFetch } from "./boundedFetch.ts";
import { type Endpoint, LlmFiltered, LlmRefused, LlmSaidNothing, LlmUnavailable, llmFailure } from "./llmErrors.ts";
import { answersInEvents, gathered, type OnText } from "./streamedReply.ts";
import { withoutThoughts } from "./thoughts.ts";

/** The operator's OpenAI-compatible endpoint and its limits. Never taken from workflow input. */
export interface LlmSettings {
  /** With its path: `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  model: string;
  apiKey?: string;
  /** Deadline of the whole call, in milliseconds: connection, headers and body. */
  timeoutMs?: number;
  maxTokens?: number;
  temperature?: number;
}

export interface ChatMessage {
  role: "system" | "user";
  content: string;
}

export interface LlmReply {
  text: string;
  /** True if the model reached its token limit, which truncates the text. */
  cut: boolean;
  /** Number of tokens written, if the endpoint counts them. */
  tokens?: number;
}

export interface Llm {
  readonly model: string;
  /**
   * Makes one attempt: the caller retries. With `onText`, the reply is streamed. Throws `LlmUnavailable` (with
   * `retryAfterMs`), `LlmRefused`, or `Cancelled` when `signal` aborts.
   */
  complete(messages: ChatMessage[], signal?: AbortSignal, onText?: OnText): Promise<LlmReply>;
}

/** What is read of a reply besides its text. */
interface Answered {
  usage?: { completion_tokens?: unknown } | null;
}

const DEFAULTS = { timeoutMs: 60_000, maxTokens: 700, temperature: 0 };
/** Local servers need no key, but the client requires one. */
const NO_KEY = "none";
/** Far above what `maxTokens` allows: a longer reply is not a chat reply. */
const MAX_REPLY_CHARACTERS = 200_000;
/** Holds a reply of that length in any script and its escapes, and the reasoning beside it. */
const MAX_REPLY_BYTES = 2_000_000;
/** Each token of a stream comes in an envelope of 200 to 400 bytes: more than any model writes before the deadline. */
const MAX_STREAM_BYTES = 4_000_000;

/**
 * Opens a client for an OpenAI-compatible endpoint. Throws `LlmRefused` when the base URL is not an http(s) address.
 */
export function openLlm(settings: LlmSettings): Llm {
  const { baseUrl, model, apiKey, ...rest } = settings;
  const { timeoutMs, maxTokens, temperature } = { ...DEFAULTS, ...rest };
  const endpoint: Endpoint = { baseUrl: printable(baseUrl), model, apiKey: apiKey || null };
  const client = new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey || NO_KEY,
    organization: null,
    project: null,
    maxRetries: 0,
    // The deadline below covers the body too; the client's own timeout ends with the headers.
    timeout: 2 * timeoutMs,
    logLevel: "off",
    fetch: boundedFetch(({ headers }) => (answersInEvents(headers) ? MAX_STREAM_BYTES : MAX_REPLY_BYTES)),
    // A redirect could carry the key, and the docs, to another host.
    fetchOptions: { redirect: "manual" },
  });
  const body = { model, temperature, max_tokens: maxTokens };
  const documentOf = async (
    messages: ChatMessage[],
    signal: AbortSignal,
    onText?: OnText,
  ): Promise<Answered | null> => {
    if (!onText) return client.chat.completions.create({ ...body, messages, stream: false }, { signal });
    const call = client.chat.completions.create({ ...body, messages, stream: true }, { signal });
    const { data, response } = await call.withResponse();
    if (answersInEvents(response.headers)) return gathered(data, signal, onText);
    // An endpoint that cannot stream answers with one document.
    if (isJson(response.headers)) return (await response.json()) as Answered | null;
    throw new LlmUnavailable("the LLM's reply is neither a stream of events nor JSON");
  };
  return {
    model,
    async complete(messages, signal, onText) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
      try {
        const completion = await documentOf(messages, either, onText);
        const tokens: unknown = completion?.usage?.completion_tokens;
        return { ...readReply(completion), tokens: typeof tokens === "number" ? tokens : undefined };
      } catch (error) {
        const ended = signal?.aborted ? "cancelled" : deadline.aborted ? "deadline" : null;
        throw llmFailure(error, endpoint, ended);
      }
    },
  };
}

function isJson(headers: Headers): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
}

/** The reply in an endpoint's document, of which nothing is certain. Throws LlmUnavailable or LlmRefused. */
export function readReply(completion: unknown): LlmReply {
  const document = completion as {
    choices?: { message?: { content?: unknown } | null; finish_reason?: unknown }[];
  } | null;
  const choice = document?.choices?.[0];
  const content = choice?.message?.content;
  const finish = choice?.finish_reason;
  if (finish === "content_filter") throw new LlmFiltered("the LLM's content filter refused the question");
  if (typeof content !== "string") throw new LlmUnavailable("the LLM's reply has no choices with a message");
  const text = withoutThoughts(withoutControls(content)).trim();
  if (text === "" && finish !== "length") throw new LlmSaidNothing("the LLM's reply is empty");
  if (text === "" || text.startsWith("<think>"))
    throw new LlmRefused("the LLM used up its token limit before it answered: use another model (WINNOW_LLM_MODEL)");
  if (text.length > MAX_REPLY_CHARACTERS) throw new LlmUnavailable("the LLM's reply is too long for an answer");
  return { text, cut: finish === "length" };
}

/** The base URL without its query, for messages. Throws `LlmRefused` when it cannot be used. */
function printable(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new LlmRefused("the LLM's base URL is not an http or https address (WINNOW_LLM_BASE_URL)");
  if (url.username || url.password)
    throw new LlmRefused(
      "the LLM's base URL contains a user name or password: use the key instead (WINNOW_LLM_API_KEY)",
    );
  return `${url.protocol}//${url.host}${url.pathname}`;
}
