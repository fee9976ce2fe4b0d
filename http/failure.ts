import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { asWinnowError, isForCallers, rootCause } from "../client/outcome.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";

/** An error as a caller sees it. Each protocol writes it in its own shape. */
export interface Failure {
  status: ContentfulStatusCode;
  /** A code of `ERROR_CODES`, or one of a guard, such as `Unauthorized`. */
  code: string;
  /** Cause and remedy, for people. */
  message: string;
  /** Seconds after which a retry makes sense; null if unknown. */
  retryAfter: number | null;
}

/** Thrown by guards and routes to end a request with this failure. */
export class HttpFailure extends Error {
  readonly failure: Failure;

  constructor(status: ContentfulStatusCode, code: string, message: string, retryAfter: number | null = null) {
    super(message);
    this.failure = { status, code, message, retryAfter };
  }
}

/** Status of each named error. */
const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  BadInput: 400,
  BadSource: 400,
  SourceUnavailable: 503,
  TooManyBadPages: 400,
  BadQuestionSet: 400,
  CorruptArtifact: 500,
  MissingArtifact: 500,
  UnknownRelease: 404,
  UnknownAnswer: 404,
  AlreadyDecided: 409,
  BadModel: 500,
  UnsupportedGraph: 500,
  PromotionConflict: 409,
  ComputeCrashed: 503,
  OutOfMemory: 503,
  StorageFailed: 500,
  StoreUnavailable: 503,
  VectorServerUnavailable: 503,
  VectorServerRefused: 502,
  Busy: 503,
  LockLost: 503,
  Cancelled: 410,
  LlmRefused: 502,
  LlmUnavailable: 503,
  LlmSilent: 504,
  HubRefused: 502,
  HubUnavailable: 503,
  TemporalUnreachable: 503,
};

/** Seconds until a retry where the error names none. */
const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = {
  Busy: 5,
  TemporalUnreachable: 5,
  StoreUnavailable: 15,
  VectorServerUnavailable: 15,
  ComputeCrashed: 5,
};

const INTERNAL: Failure = {
  status: 500,
  code: "Internal",
  message: "Something failed inside Winnow. Its log names the cause beside the id of this request.",
  retryAfter: null,
};

/**
 * The failure that a caller sees for anything thrown. `causes` shows the messages of named errors that may contain
 * addresses and folders of the server. An unexpected error never shows its message.
 */
export function failureOf(thrown: unknown, { causes }: { causes: boolean }): Failure {
  if (thrown instanceof HttpFailure) return thrown.failure;
  if (thrown instanceof HTTPException) return failureOfException(thrown);
  const error = asWinnowError(thrown);
  if (error instanceof WinnowError) {
    const { code, message, retryAfterMs } = error;
    const retryAfter =
      retryAfterMs === null ? (RETRY_SECONDS[code] ?? null) : Math.max(1, Math.ceil(retryAfterMs / 1000));
    return { status: STATUS[code], code, message: shown(code, message, causes), retryAfter };
  }
  const root = rootCause(error) as { type?: unknown; message?: unknown } | null;
  if (root?.type === "NoWorker")
    return { status: 503, code: "NoWorker", message: shown("NoWorker", String(root.message), causes), retryAfter: 15 };
  return INTERNAL;
}

/** True if the cause must be found in the log: the caller was not told all of it. */
export function needsLog({ status, code }: Failure): boolean {
  return status >= 500 && !isForCallers(code);
}

function shown(code: string, message: string, causes: boolean): string {
  return causes || isForCallers(code)
    ? message
    : `Winnow cannot answer now (${code}). Its log names the cause beside the id of this request.`;
}

/** What hono's own validators throw. */
function failureOfException({ status }: HTTPException): Failure {
  if (status === 400) return { status, code: "BadInput", message: "the body is not JSON", retryAfter: null };
  if (status === 415)
    return { status, code: "UnsupportedMediaType", message: "send Content-Type: application/json", retryAfter: null };
  return INTERNAL;
}
