import { type Context, cancellationDetails } from "@temporalio/activity";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { MAX_PAYLOAD_BYTES, WORKER_SHUTDOWN } from "../contracts/names.ts";
import { type ErrorCode, messageOf, WinnowError } from "../core/base/errors.ts";

/** The one place that says which errors a retry may mend. */
const RETRYABLE: Record<ErrorCode, boolean> = {
  BadInput: false,
  BadSource: false,
  SourceUnavailable: true,
  TooManyBadPages: false,
  BadQuestionSet: false,
  CorruptArtifact: false,
  MissingArtifact: false,
  UnknownRelease: false,
  BadModel: false,
  UnsupportedGraph: false,
  PromotionConflict: false,
  ComputeCrashed: true,
  OutOfMemory: false,
  StorageFailed: false,
  StoreUnavailable: true,
  VectorServerUnavailable: true,
  VectorServerRefused: false,
  // Whoever asked decides: a retry by the server would add to the load.
  Busy: false,
  // The next attempt waits for the training that has the folder now.
  LockLost: true,
  Cancelled: true,
  LlmRefused: false,
  LlmUnavailable: true,
  // Its attempts took minutes already.
  LlmSilent: false,
  TemporalUnreachable: true,
};

/** Whether the work may succeed when it is tried again. */
export function isRetryable(code: ErrorCode): boolean {
  return RETRYABLE[code];
}

/** What an activity threw, as Temporal should see it: the error's code is the failure's type. */
export function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof WinnowError) {
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !isRetryable(error.code),
      nextRetryDelay: error.retryAfterMs ?? undefined,
    });
  }
  const name = error instanceof Error ? error.name : "Error";
  return ApplicationFailure.create({ message: messageOf(error), type: name, cause: error as Error });
}

/**
 * A cancelled activity ends as cancelled, but one whose worker shuts down, or that was reset, is to run again
 * elsewhere at once.
 */
function failureIn(context: Context, error: unknown): Error {
  const cancelled = error instanceof CancelledFailure || (error instanceof WinnowError && error.code === "Cancelled");
  if (!cancelled || !context.cancellationSignal.aborted) return toFailure(error);
  const { cancelRequested, workerShutdown } = cancellationDetails() ?? {};
  if (workerShutdown && !cancelRequested)
    return ApplicationFailure.retryable("The worker shuts down; the work goes on elsewhere", WORKER_SHUTDOWN);
  return error instanceof CancelledFailure ? error : new CancelledFailure(messageOf(error));
}

/** Refuses results above Winnow's own cap, which a retry could not make smaller. */
export function checkPayload(name: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? "");
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw ApplicationFailure.nonRetryable(
    `${name}: ${bytes} bytes would cross Temporal; at most ${MAX_PAYLOAD_BYTES} may. Pass a reference instead.`,
    "PayloadTooLarge",
  );
}

/** Given to every worker: maps errors and caps payloads around each activity. */
export const failureInterceptors: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      try {
        const result = await next(input);
        checkPayload(context.info.activityType, result);
        return result;
      } catch (error) {
        throw failureIn(context, error);
      }
    },
  },
});
