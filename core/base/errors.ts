/**
 * Named errors of the domain. Each says what went wrong, where, and what to do. `code` survives the trip from a
 * child process; `activities/failures.ts` says which codes Temporal should retry.
 */
export class WinnowError extends Error {
  /** Milliseconds after which a retry makes sense; null where the error does not know. */
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
  /** Thrown when the caller's input is wrong: a path, an option, a file's content. */
  "BadInput",
  /** Thrown when a docs source is missing, empty, or holds no Markdown. */
  "BadSource",
  /** Thrown when a git repository cannot be reached or read, or docs change while they are read: it may go well later. */
  "SourceUnavailable",
  /** Thrown when more pages were quarantined than the threshold allows. */
  "TooManyBadPages",
  /** Thrown when a question set cannot be read; names the line. */
  "BadQuestionSet",
  /** Thrown when an artifact's bytes do not match their digest, or a file is missing. */
  "CorruptArtifact",
  /** Thrown when a stage was asked to run alone and an earlier stage has left nothing. */
  "MissingArtifact",
  /** Thrown when no release has that id, or nothing has been released yet. */
  "UnknownRelease",
  /** Thrown when a model folder is incomplete or its files do not parse. */
  "BadModel",
  /** Thrown when an ONNX graph holds something Winnow cannot run or differentiate; names op and node. */
  "UnsupportedGraph",
  /** Thrown when another writer moved the champion pointer first. */
  "PromotionConflict",
  /** Thrown when a compute process died: crash of a native library, out of memory, kill. */
  "ComputeCrashed",
  /** Thrown when memory ran out; the message hints at the batch size. */
  "OutOfMemory",
  /** Thrown when the disk is full or a folder cannot be written. */
  "StorageFailed",
  /** Thrown when the remote store of artifacts fails in a way a retry may mend. */
  "StoreUnavailable",
  /** Thrown when the vector database fails in a way a retry may mend. */
  "VectorServerUnavailable",
  /** Thrown when the vector database refused in a way a retry cannot mend. */
  "VectorServerRefused",
  /**
   * Thrown when more questions wait than a worker takes on, saying after how many seconds to try again, or when another
   * training has the folder.
   */
  "Busy",
  /** Thrown when a training finds its folder taken by another, which had to think it gone. */
  "LockLost",
  /** Thrown when the work was cancelled. */
  "Cancelled",
  /** Thrown when the LLM endpoint refused in a way a retry cannot mend. */
  "LlmRefused",
  /** Thrown when the LLM endpoint failed in a way a retry may mend. */
  "LlmUnavailable",
  /** Thrown when the LLM endpoint has given no reply for so long that waiting for it is given up. */
  "LlmSilent",
  /** Thrown when Temporal cannot be reached. */
  "TemporalUnreachable",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The error's message, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
