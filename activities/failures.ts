import { type Context, cancellationDetails } from "@temporalio/activity";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { MAX_PAYLOAD_BYTES, WORKER_SHUTDOWN } from "../contracts/names.ts";
import { type ErrorCode, messageOf, WinnowError } from "../core/base/errors.ts";

/** Which errors may succeed on a retry. Retries are decided nowhere else. */
const RETRYABLE: Record<ErrorCode, boolean> = {
  BadInput: false,
  BadSource: false,
  SourceUnavailable: true,
  TooManyBadPages: false,
  BadQuestionSet: false,
  CorruptArtifact: false,
  MissingArtifact: false,
  UnknownRelease: false,
  UnknownAnswer: false,
  AlreadyDecided: false,
  BadModel: false,
  UnsupportedGraph: false,
  PromotionConflict: false,
  ComputeCrashed: true,
  OutOfMemory: false,
  StorageFailed: false,
  StoreUnavailable: true,
  VectorServerUnavailable: true,
  VectorServerRefused: false,
  // The caller decides: a retry by the server would add to the load.
  Busy: false,
  // The next attempt waits for the training that holds the folder.
  LockLost: true,
  Cancelled: true,
  LlmRefused: false,
  LlmUnavailable: true,
  // Its attempts have already taken minutes.
  LlmSilent: false,
  HubRefused: false,
  HubUnavailable: true,
  TemporalUnreachable: true,
};

/** Whether a retry may succeed. */
export function isRetryable(code: ErrorCode): boolean {
  return RETRYABLE[code];
}

/** Converts an activity's error for Temporal: the error code becomes the failure type. */
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
 * Ends a cancelled activity as cancelled. After a worker shutdown or a reset, the activity runs again elsewhere at
 * once.
 */
function failureIn(context: Context, error: unknown): Error {
  const cancelled = error instanceof CancelledFailure || (error instanceof WinnowError && error.code === "Cancelled");
  if (!cancelled || !context.cancellationSignal.aborted) return toFailure(error);
  const { cancelRequested, workerShutdown } = cancellationDetails() ?? {};
  if (workerShutdown && !cancelRequested)
    return ApplicationFailure.retryable("The worker shuts down; the work goes on elsewhere", WORKER_SHUTDOWN);
  return error instanceof CancelledFailure ? error : new CancelledFailure(messageOf(error));
}

/** Refuses results above Winnow's payload cap. A retry would not make them smaller. */
export function checkPayload(name: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? "");
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw ApplicationFailure.nonRetryable(
    `${name}: ${bytes} bytes would cross Temporal; at most ${MAX_PAYLOAD_BYTES} may. Pass a reference instead.`,
    "PayloadTooLarge",
  );
}

/** Installed in every worker: maps errors and caps payloads around each activity. */
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
