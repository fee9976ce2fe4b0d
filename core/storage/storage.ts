import { open } from "node:fs/promises";
import { type ErrorCode, messageOf, WinnowError } from "../base/errors.ts";

const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full",
  EFBIG: "the file exceeds a size limit (ulimit -f, or the file system's limit)",
  EDQUOT: "the disk quota is used up",
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
};

/** StorageFailed for a file system error that only the operator can fix; any other value is returned unchanged. */
export function asStorageError(error: unknown): unknown {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  if (error instanceof WinnowError || reason === undefined) return error;
  return new WinnowError("StorageFailed", `${path ?? "The folder of artifacts"}: ${reason} (${code})`, {
    cause: error,
  });
}

const OUTAGES: ErrorCode[] = ["StoreUnavailable", "StorageFailed", "VectorServerUnavailable", "Cancelled"];

/** Whether an error shows that a store was unreachable, which proves nothing about its content. */
export function isOutage(error: unknown): boolean {
  return error instanceof WinnowError && OUTAGES.includes(error.code);
}

/** Makes the content of a file or folder survive a power cut. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Runs `work`; throws StorageFailed naming `folder` if that cannot be written. */
export async function storing(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const why = messageOf(asStorageError(cause));
    throw new WinnowError("StorageFailed", `a checkpoint cannot be written to ${folder}: ${why}`, { cause });
  }
}

/**
 * A named point between two steps of publishing where a test may crash the process; `file` is the last file written.
 * The default does nothing. `workers/failpoints.ts` makes one from the operator's setting.
 */
export type Failpoint = (name: FailpointName, file?: string) => Promise<void> | void;
export type FailpointName =
  | "store.before-manifest"
  | "store.before-rename"
  | "store.after-rename"
  | "steps.before-record"
  | "champion.before-link"
  | "champion.after-link";
