import type { WorkflowHandle } from "@temporalio/client";
import { CancelledFailure } from "@temporalio/common";
import { ERROR_CODES, type ErrorCode, WinnowError } from "../core/base/errors.ts";
import { unlessAborted } from "../core/base/unlessAborted.ts";

/** gRPC status codes of a server that does not answer: DEADLINE_EXCEEDED, UNAVAILABLE. */
const AWAY_CODES: readonly number[] = [4, 14];
const AWAY = "The Temporal server does not answer any more.";
/** Longer than the embedded server takes to be started again. */
const PATIENCE_MS = 60_000;
const LONG_CALL_MS = 15_000;
const PAUSE_MS = 500;
const UNCONFIRMED = "The question was cancelled; no worker has confirmed it.";

interface Caused {
  cause?: unknown;
  type?: unknown;
}

/** Codes whose messages speak of the caller's own input. All others may name addresses and folders of the server. */
const CALLERS: readonly string[] = [
  "BadInput",
  "BadSource",
  "BadQuestionSet",
  "UnknownRelease",
  "UnknownAnswer",
  "AlreadyDecided",
  "Busy",
  "Cancelled",
];

/** True if callers from elsewhere may read the message of an error with this code. */
export function isForCallers(code: string): boolean {
  return CALLERS.includes(code);
}

/** The innermost failure of a chain such as WorkflowFailedError > ActivityFailure > ApplicationFailure. */
export function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && (current as Caused).cause instanceof Error) current = (current as Caused).cause;
  return current;
}

/**
 * The named error behind a failure of Temporal, with that failure as its cause; any other error as it is. A named error
 * may have a cause of its own, which its message explains.
 */
export function asWinnowError(error: unknown): unknown {
  for (let current = error; current instanceof Error; current = (current as Caused).cause) {
    if (current instanceof WinnowError) return current;
    const code = ERROR_CODES.find((known) => known === (current as Caused).type) satisfies ErrorCode | undefined;
    if (code !== undefined)
      return new WinnowError(code, current.message, { cause: error, retryAfterMs: waitIn(code, current.message) });
  }
  const root = rootCause(error);
  if (root instanceof CancelledFailure)
    return new WinnowError("Cancelled", root.message || "cancelled", { cause: error });
  return isAway(root) ? new WinnowError("TemporalUnreachable", AWAY, { cause: error }) : error;
}

/** The wait that a busy worker asks for. Temporal passes on the message alone. */
function waitIn(code: ErrorCode, message: string): number | null {
  const seconds = code === "Busy" ? / in (\d+) s\b/.exec(message)?.[1] : undefined;
  return seconds === undefined ? null : 1000 * Number(seconds);
}

/** True if a call failed because the server does not answer now; it may answer later. */
export function isAway(error: unknown): boolean {
  const root = rootCause(error) as { code?: unknown; name?: unknown } | null;
  // A dev server that has just started knows its namespace a moment later.
  return AWAY_CODES.includes(root?.code as number) || root?.name === "NamespaceNotFoundError";
}

/**
 * Result of a workflow. Aborting `signal` cancels the workflow, and the wait lasts until it has ended, or for `leaveMs`.
 * A server that goes away is waited for, since `winnow up` starts it again. Throws the workflow's named error; Cancelled
 * for a cancelled workflow; TemporalUnreachable when the server stays away.
 */
export async function resultOf<T>(
  handle: WorkflowHandle,
  signal?: AbortSignal,
  { leaveMs }: { leaveMs?: number } = {},
): Promise<T> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => {
    void patiently(() => handle.cancel()).catch(() => {});
    if (leaveMs !== undefined) timer = setTimeout(() => late.abort(), leaveMs);
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await unlessAborted(
      patiently(() => handle.result() as Promise<T>),
      late.signal,
      UNCONFIRMED,
    );
  } catch (error) {
    throw asWinnowError(error);
  } finally {
    signal?.removeEventListener("abort", cancel);
    clearTimeout(timer);
  }
}

/** Repeats a call for as long as the server is away, up to PATIENCE_MS. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let deadline = Date.now() + PATIENCE_MS; ; ) {
    const began = Date.now();
    try {
      return await call();
    } catch (error) {
      // A long call was in contact before it failed.
      if (Date.now() - began > LONG_CALL_MS) deadline = Date.now() + PATIENCE_MS;
      if (!isAway(error) || Date.now() > deadline) throw error;
      await new Promise((settle) => setTimeout(settle, PAUSE_MS));
    }
  }
}
