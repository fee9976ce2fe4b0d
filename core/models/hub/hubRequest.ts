import { WinnowError } from "../../base/errors.ts";
import type { HubCall, Repository } from "./hub.ts";
import { connectionFailure, refused, statusFailure, unavailable } from "./hubErrors.ts";

const MAX_REDIRECTS = 6;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** An answer of the hub, or of the storage that it redirects to. */
export interface HubAnswer {
  status: number;
  headers: Headers;
  /** Its body, until `maxBytes` are exceeded or it becomes too slow. Throws HubUnavailable, Cancelled. */
  body(): AsyncGenerator<Uint8Array>;
}

/**
 * Requests a path of the hub and follows redirects. The token goes to the hub's own origin, and to nobody once a redirect
 * has left it. Throws HubRefused, HubUnavailable, Cancelled. `use` reads the body; the connection is closed after it.
 */
export async function requestOf<T>(
  call: HubCall,
  repository: Repository,
  path: string,
  headers: Record<string, string>,
  use: (answer: HubAnswer) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const cancel = () => stop.abort(new WinnowError("Cancelled", "the download was cancelled"));
  if (call.signal.aborted) cancel();
  call.signal.addEventListener("abort", cancel, { once: true });
  const { answerMs } = call.patience;
  const late = unavailable(`the model hub at ${call.endpoint} did not answer within ${answerMs / 1000} s`);
  const timer = setTimeout(() => stop.abort(late), answerMs);
  try {
    const response = await follow(call, path, headers, stop.signal).catch((error) => {
      throw reasonOf(error, call, stop);
    });
    clearTimeout(timer);
    if (!response.ok) throw statusFailure(response, call, repository);
    const body = () => paced(response, call, stop);
    return await use({ status: response.status, headers: response.headers, body });
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", cancel);
    stop.abort();
  }
}

/** Why a request failed: what aborted it, or what its connection met. */
function reasonOf(error: unknown, call: HubCall, { signal }: AbortController): WinnowError {
  return connectionFailure(signal.aborted ? signal.reason : error, call);
}

async function follow(
  { endpoint, token }: HubCall,
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  const { origin } = new URL(endpoint);
  let url = new URL(`${endpoint}${path}`);
  let trusted = token !== null;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    trusted &&= url.origin === origin;
    // Ranges and digests are of the file itself, so nothing may be compressed on the way.
    const sent = { "user-agent": "winnow", "accept-encoding": "identity", ...headers };
    const access: Record<string, string> = trusted ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(url, { redirect: "manual", signal, headers: { ...sent, ...access } });
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    url = redirected(url, location);
  }
  throw refused(`the model hub at ${endpoint} redirects more than ${MAX_REDIRECTS} times`);
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : null;
  const safe = to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:");
  if (to && safe && !to.username && !to.password) return to;
  throw refused(
    `${from.origin} redirects to an address that is not followed: only http and https, never from https to http`,
  );
}

/** The pieces of a body. Aborts the request when too few bytes come in a window of time. */
async function* paced(response: Response, call: HubCall, stop: AbortController): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const { slowMs, slowBytes } = call.patience;
  const { host } = new URL(response.url || call.endpoint);
  let bytes = 0;
  const timer = setInterval(() => {
    if (bytes < slowBytes) stop.abort(unavailable(`${host} sent less than ${slowBytes} bytes in ${slowMs / 1000} s`));
    bytes = 0;
  }, slowMs);
  try {
    for await (const piece of response.body) {
      bytes += piece.length;
      yield piece;
    }
  } catch (error) {
    throw reasonOf(error, call, stop);
  } finally {
    clearInterval(timer);
  }
}

/** Runs `attempt` again while it throws HubUnavailable. `progressed` is true if the last attempt got bytes. */
export async function patiently<T>(
  { patience, signal }: HubCall,
  attempt: () => Promise<T>,
  progressed: () => boolean = () => false,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WinnowError) || error.code !== "HubUnavailable") throw error;
      failures = progressed() ? 1 : failures + 1;
      const wait = error.retryAfterMs ?? patience.retryMs * 2 ** (failures - 1);
      if (failures >= patience.tries || wait > patience.longestWaitMs) throw error;
      await pause(wait, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((settle, fail) => {
    const cancel = () => {
      clearTimeout(timer);
      fail(new WinnowError("Cancelled", "the download was cancelled"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cancel);
      settle();
    }, ms);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
  });
}
