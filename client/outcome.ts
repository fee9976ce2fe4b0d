import type { WorkflowHandle } from "@temporalio/client";
import { CancelledFailure } from "@temporalio/common";
import { ERROR_CODES, type ErrorCode, WinnowError } from "../core/base/errors.ts";

interface Caused {
  cause?: unknown;
  type?: unknown;
}

/** The innermost failure of a chain such as WorkflowFailedError > ActivityFailure > ApplicationFailure. */
export function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && (current as Caused).cause instanceof Error) current = (current as Caused).cause;
  return current;
}

/** The named error behind a failure of Temporal, with that failure as its cause; any other error as it is. */
export function asWinnowError(error: unknown): unknown {
  if (error instanceof WinnowError) return error;
  const root = rootCause(error);
  if (!(root instanceof Error)) return error;
  if (root instanceof CancelledFailure)
    return new WinnowError("Cancelled", root.message || "cancelled", { cause: error });
  const code = ERROR_CODES.find((known) => known === (root as Caused).type) satisfies ErrorCode | undefined;
  return code === undefined ? error : new WinnowError(code, root.message, { cause: error });
}

/**
 * Result of a workflow. Aborting `signal` cancels the workflow, and the wait lasts until it has ended. Throws the
 * workflow's named error; Cancelled for a cancelled workflow.
 */
export async function resultOf<T>(handle: WorkflowHandle, signal?: AbortSignal): Promise<T> {
  const cancel = () => void handle.cancel().catch(() => {});
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return (await handle.result()) as T;
  } catch (error) {
    throw asWinnowError(error);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
