import type { Asked } from "../ask/choice.ts";
import { eventReader } from "./events.ts";
import { type Happening, OFFLINE, type Problem } from "./progress.ts";

/** Pauses and attempts when an answer is read again after its stream broke. */
const AGAIN_MS = 1500;
const ATTEMPTS = 40;

/** How the API is reached. Aborting `signal` ends what is read. */
interface Reached {
  /** Origin of the API; default: that of the page. */
  server?: string;
  token?: string;
  signal: AbortSignal;
}

/**
 * Asks, and gives what happens until there is an answer or an error. A stream that breaks is followed by `lost`, and the
 * recorded answer is read by its id. Aborting `signal` cancels the question on the server; then nothing more is given.
 */
export async function* askServer(asked: Asked, { server = "", token, signal }: Reached): AsyncGenerator<Happening> {
  let id: string | null = null;
  try {
    const response = await fetch(`${server}/v1/ask`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", ...authorized(token) },
      body: JSON.stringify(asked),
      ...cookies(server),
      signal,
    });
    if (!response.ok || response.body === null) return yield { event: "error", data: await problemOf(response) };
    for await (const happening of streamed(response.body)) {
      if (happening.event === "accepted") id = happening.data.id;
      yield happening;
      if (["answer", "abstained", "error"].includes(happening.event)) return;
    }
  } catch {
    // Handled below, like a stream that ended early.
  }
  if (signal.aborted) return;
  yield { event: "lost", data: null };
  if (id !== null) yield* readAgain(id, { server, token, signal });
}

/** Reads what is shown besides a recorded answer. Gives nothing if it cannot be read now. */
export async function readBeside(
  id: string,
  event: "prepared" | "sources",
  { server = "", token, signal }: Reached,
): Promise<Happening | null> {
  const address = `${server}/asks/${encodeURIComponent(id)}/${event}`;
  const response = await fetch(address, { headers: authorized(token), ...cookies(server), signal }).catch(() => null);
  return response?.ok && !signal.aborted ? { event, data: await response.json() } : null;
}

/** An address without the slashes at its end, to which paths are added. */
export function serverOf(address: string): string {
  return address.replace(/\/+$/, "");
}

async function* streamed(body: ReadableStream<Uint8Array>): AsyncGenerator<Happening> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  const read = eventReader();
  for (let part = await reader.read(); !part.done; part = await reader.read())
    for (const { event, data } of read(part.value)) yield { event, data: JSON.parse(data) } as Happening;
}

/** The recorded answer, for which it waits. */
async function* readAgain(id: string, { server = "", token, signal }: Reached): AsyncGenerator<Happening> {
  let problem: Problem = OFFLINE;
  const address = `${server}/v1/asks/${encodeURIComponent(id)}`;
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
    const response = await fetch(address, { headers: authorized(token), ...cookies(server), signal }).catch(() => null);
    if (response?.status === 200) return yield { event: "answer", data: await response.json() };
    // 202: it is not made yet. Servers that start again answer 502 or 503 for a while.
    if (response !== null && response.status < 500 && response.status !== 202)
      return yield { event: "error", data: await problemOf(response) };
    if (response !== null) problem = response.status === 202 ? LATE : await problemOf(response);
    await new Promise((settle) => setTimeout(settle, AGAIN_MS));
  }
  if (!signal.aborted) yield { event: "error", data: problem };
}

const LATE: Problem = { code: "Late", message: "The question is still being answered." };

/** The error of a response, also of one that a proxy wrote. */
export async function problemOf(response: Response): Promise<Problem> {
  try {
    const { error } = (await response.json()) as { error: Problem };
    return { code: String(error.code), message: String(error.message) };
  } catch {
    return { code: `HTTP ${response.status}`, message: `The server answered with status ${response.status}.` };
  }
}

/** Another server gets none of its cookies: a page of a docs site asks as anybody. */
function cookies(server: string): { credentials: RequestCredentials } {
  return { credentials: server === "" ? "same-origin" : "omit" };
}

function authorized(token: string | undefined): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}
