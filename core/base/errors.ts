/**
 * Named errors of the domain. A message states the cause, the place and the fix. `code` survives the trip from a child
 * process; `activities/failures.ts` lists the codes that Temporal retries.
 */
export class WinnowError extends Error {
  /** Milliseconds after which a retry makes sense; null if unknown. */
  readonly retryAfterMs: number | null;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { retryAfterMs = null, ...options }: WinnowErrorOptions = {},
  ) {
    super(message, options);
    this.name = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface WinnowErrorOptions extends ErrorOptions {
  retryAfterMs?: number | null;
}

export const ERROR_CODES = [
  /** Thrown when the caller's input is wrong: a path, an option, the content of a file. */
  "BadInput",
  /** Thrown when a docs source is missing, empty, or contains no Markdown. */
  "BadSource",
  /**
   * Thrown when a git repository or a site cannot be reached or read, or docs change while they are read. A retry may
   * succeed.
   */
  "SourceUnavailable",
  /** Thrown when more pages were quarantined than the threshold allows. */
  "TooManyBadPages",
  /** Thrown when a question set cannot be read; names the line. */
  "BadQuestionSet",
  /** Thrown when an artifact's bytes do not match their digest, or a file is missing. */
  "CorruptArtifact",
  /** Thrown when a stage runs alone and the output of an earlier stage is missing. */
  "MissingArtifact",
  /** Thrown when no release has that id, or nothing has been released yet. */
  "UnknownRelease",
  /** Thrown when no answer has that id, or nobody keeps it any more. */
  "UnknownAnswer",
  /** Thrown when somebody else has decided on a vote already; the message names the decision. */
  "AlreadyDecided",
  /** Thrown when a model folder is incomplete or its files do not parse. */
  "BadModel",
  /** Thrown when an ONNX graph contains something Winnow cannot run or differentiate; names op and node. */
  "UnsupportedGraph",
  /** Thrown when another writer moved the champion pointer first. */
  "PromotionConflict",
  /** Thrown when a compute process died: a native library crashed, memory ran out, or the process was killed. */
  "ComputeCrashed",
  /** Thrown when memory ran out; the message suggests a smaller batch. */
  "OutOfMemory",
  /** Thrown when the disk is full or a folder cannot be written. */
  "StorageFailed",
  /** Thrown when the remote store of artifacts fails and a retry may succeed. */
  "StoreUnavailable",
  /** Thrown when the vector database fails and a retry may succeed. */
  "VectorServerUnavailable",
  /** Thrown when the vector database refuses a request and a retry cannot help. */
  "VectorServerRefused",
  /**
   * Thrown when a worker's queue of questions is full, or another training holds the folder. A full queue's error gives
   * the seconds to wait before a retry.
   */
  "Busy",
  /** Thrown when another training took over the folder of a running one, because it appeared dead. */
  "LockLost",
  /** Thrown when the work was cancelled. */
  "Cancelled",
  /** Thrown when the LLM endpoint refuses a request and a retry cannot help. */
  "LlmRefused",
  /** Thrown when the LLM endpoint fails and a retry may succeed. */
  "LlmUnavailable",
  /** Thrown when the LLM endpoint does not reply within the timeout. */
  "LlmSilent",
  /** Thrown when the model hub refuses a request or sends other bytes than it states, and a retry cannot help. */
  "HubRefused",
  /** Thrown when the model hub fails and a retry may succeed. */
  "HubUnavailable",
  /** Thrown when Temporal cannot be reached. */
  "TemporalUnreachable",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The error's message, whatever the type of the thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
