import { withoutControls } from "../../base/controls.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { retryAfter } from "../../base/retryAfter.ts";
import type { HubSettings, Repository } from "./hub.ts";

const MAX_DETAIL = 200;
const INVALID_TOKEN = /invalid (credentials|username|user access token)/i;
/** Statuses that a later attempt may not meet. */
const PASSING = new Set([408, 425, 429]);
/** Those of a storage host whose signed address has expired, or whose copy is another one. */
const STORAGE = new Set([401, 403, 416]);

export function unavailable(message: string, retryAfterMs: number | null = null): WinnowError {
  return new WinnowError("HubUnavailable", message, { retryAfterMs });
}

export function refused(message: string): WinnowError {
  return new WinnowError("HubRefused", message);
}

/**
 * The error for an answer that is no success. Its headers tell apart what one status stands for. The hub signs addresses
 * of its storage host for a time, so that a refusal there is asked again from the hub.
 */
export function statusFailure(
  { status, headers, url }: Pick<Response, "status" | "headers" | "url">,
  hub: HubSettings,
  { name, revision }: Repository,
): WinnowError {
  const said = detail(headers.get("x-error-message") ?? "", hub);
  const { origin } = new URL(url);
  const isHub = origin === new URL(hub.endpoint).origin;
  const host = isHub ? `the model hub at ${hub.endpoint}` : `${origin}, which ${hub.endpoint} redirects to,`;
  const answered = `${host} answered ${status}${said && ` (${said})`}`;
  if (PASSING.has(status) || status >= 500) return unavailable(answered, waitOf(headers));
  const code = headers.get("x-error-code");
  const isStorage = !isHub && code === null;
  if (isStorage && STORAGE.has(status)) return unavailable(`${answered} for a file of ${name}`);
  const page = `${hub.endpoint}/${name}`;
  if (code === "GatedRepo")
    return refused(
      `${answered}: ${name} is gated. Accept its terms at ${page}, and set HF_TOKEN to a token that may read it`,
    );
  if (code === "RevisionNotFound") return refused(`${answered}: ${name} has no revision ${revision}`);
  // Without a token, the hub answers "Invalid username or password." for a name that does not exist.
  if (hub.token !== null && code === null && (status === 401 || INVALID_TOKEN.test(said)))
    return refused(`${answered}: HF_TOKEN is not accepted there; set a valid token, or unset it for public models`);
  if (!isStorage && (status === 401 || status === 403 || status === 404))
    return refused(`${answered}: ${absent(name, hub)}`);
  return refused(`${answered} for ${name}: check HF_ENDPOINT, which names the hub`);
}

/** A hub answers 401 and 404 alike for what does not exist and for what this token may not see. */
function absent(name: string, { token }: HubSettings): string {
  const may = token === null ? "set HF_TOKEN if it is private" : "HF_TOKEN may not be allowed to read it";
  return `there is no model ${name}, or it is private: check the name; ${may}`;
}

/** The wait in milliseconds that the hub asks for: Retry-After, or the reset of its `RateLimit` header in seconds. */
function waitOf(headers: Headers): number | null {
  const reset = /;\s*t=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1];
  return retryAfter(headers) ?? (reset === undefined ? null : Number(reset) * 1000);
}

/** The error for a connection that failed or broke. */
export function connectionFailure(error: unknown, hub: HubSettings): WinnowError {
  if (error instanceof WinnowError) return error;
  return unavailable(
    `no connection to the model hub at ${hub.endpoint}: ${detail(messageOf(rootCause(error)), hub)}; HF_ENDPOINT names the hub or a mirror`,
  );
}

function rootCause(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? error : rootCause(cause);
}

function detail(text: string, { token }: HubSettings): string {
  const shown = withoutControls(token === null ? text : text.replaceAll(token, "***"));
  return shown.replace(/\s+/g, " ").trim().slice(0, MAX_DETAIL);
}
