import { APIConnectionError, APIError, APIUserAbortError } from "openai";
import { withoutControls } from "../base/controls.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { retryAfter } from "../base/retryAfter.ts";
import { BodyTooLong } from "./boundedFetch.ts";

/** Thrown when the endpoint fails and a retry may succeed: overload, a 5xx, a broken or malformed reply. */
export class LlmUnavailable extends WinnowError {
  /** @param retryAfterMs wait that the endpoint asked for before the next attempt */
  constructor(message: string, retryAfterMs: number | null = null) {
    super("LlmUnavailable", message, { retryAfterMs });
  }
}

/** Thrown when the endpoint refuses a request and a retry cannot help; the message names the setting to change. */
export class LlmRefused extends WinnowError {
  constructor(message: string) {
    super("LlmRefused", message);
  }
}

/** Thrown when the reply is empty; a retry may give text. */
export class LlmSaidNothing extends LlmUnavailable {}

/** Thrown when the endpoint's content filter refuses these messages; other messages may pass. */
export class LlmFiltered extends LlmRefused {}

/** The parts of the settings that an error message may show: never the key. */
export interface Endpoint {
  baseUrl: string;
  model: string;
  apiKey: string | null;
}

const MAX_DETAIL = 200;

const HINTS: Record<number, (endpoint: Endpoint) => string> = {
  400: ({ model }) => `check that model "${model}" accepts chat messages of this length (WINNOW_LLM_MODEL)`,
  401: ({ apiKey }) => (apiKey === null ? "set the key (WINNOW_LLM_API_KEY)" : "check the key (WINNOW_LLM_API_KEY)"),
  403: ({ model }) => `the key (WINNOW_LLM_API_KEY) may not use model "${model}" (WINNOW_LLM_MODEL)`,
  404: ({ model, baseUrl }) =>
    `check the model's name "${model}" (WINNOW_LLM_MODEL) and the base URL ${baseUrl}, which usually ends in /v1 (WINNOW_LLM_BASE_URL)`,
};

/**
 * Converts an error of the client to `LlmUnavailable`, `LlmRefused`, or `Cancelled` for a cancelled call. The original
 * error is not kept as the cause: it contains the reply, which may echo the key.
 *
 * @param ended why our own signal aborted, if it did.
 */
export function llmFailure(error: unknown, endpoint: Endpoint, ended: "deadline" | "cancelled" | null): WinnowError {
  if (error instanceof LlmUnavailable || error instanceof LlmRefused) return error;
  if (ended === "cancelled") return new WinnowError("Cancelled", "the question was cancelled");
  if (ended === "deadline") return new LlmUnavailable(`the LLM at ${endpoint.baseUrl} did not finish in time`);
  if (rootCause(error) instanceof BodyTooLong)
    return new LlmUnavailable(`the LLM at ${endpoint.baseUrl} sent a reply of ${detail(rootCause(error), endpoint)}`);
  if (error instanceof APIUserAbortError) return new WinnowError("Cancelled", "the question was cancelled");
  if (error instanceof APIConnectionError) return new LlmUnavailable(connectionMessage(error, endpoint));
  if (error instanceof APIError && error.status !== undefined) return statusFailure(error, endpoint);
  return new LlmUnavailable(
    `the LLM at ${endpoint.baseUrl} sent a reply that cannot be read: ${detail(error, endpoint)}`,
  );
}

/** The text with the key, and anything that looks like a key, redacted. */
export function redact(text: string, apiKey: string | null): string {
  const known = apiKey === null || apiKey.length < 4 ? text : text.replaceAll(apiKey, "***");
  return known.replace(/\b(sk|key|Bearer)[-_ ][\w.*-]{6,}/gi, "$1-***");
}

function statusFailure(error: APIError, endpoint: Endpoint): WinnowError {
  const status = error.status as number;
  const said = `the LLM at ${endpoint.baseUrl} answered ${status}: ${detail(error, endpoint)}`;
  if (status >= 300 && status < 400)
    return new LlmRefused(`${said}; redirects are not followed, so set the final address (WINNOW_LLM_BASE_URL)`);
  if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500)
    return new LlmUnavailable(said, retryAfter(error.headers));
  const hint = HINTS[status]?.(endpoint) ?? "check the base URL (WINNOW_LLM_BASE_URL)";
  return new LlmRefused(`${said}; ${hint}`);
}

function connectionMessage(error: APIConnectionError, endpoint: Endpoint): string {
  const reason = error.cause === undefined ? error : rootCause(error.cause);
  return `no connection to the LLM at ${endpoint.baseUrl}: ${detail(reason, endpoint)}; is it running (WINNOW_LLM_BASE_URL)?`;
}

function rootCause(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? error : rootCause(cause);
}

function detail(error: unknown, endpoint: Endpoint): string {
  const text = redact(withoutControls(messageOf(error)), endpoint.apiKey)
    .replace(/\s+/g, " ")
    .trim();
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text;
}
