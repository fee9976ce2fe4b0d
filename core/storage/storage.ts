import { open } from "node:fs/promises";
import { type ErrorCode, messageOf, WinnowError } from "../base/errors.ts";

const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full",
  EFBIG: "no file may grow this large there (ulimit -f, or the file system's limit)",
  EDQUOT: "the disk quota is used up",
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
};

/** StorageFailed for an error of the file system that only the operator can mend; any other value as it is. */
export function asStorageError(error: unknown): unknown {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  if (error instanceof WinnowError || reason === undefined) return error;
  return new WinnowError("StorageFailed", `${path ?? "The folder of artifacts"}: ${reason} (${code})`, {
    cause: error,
  });
}

const OUTAGES: ErrorCode[] = ["StoreUnavailable", "StorageFailed", "VectorServerUnavailable", "Cancelled"];

/** Whether an error says that a store could not be asked: that proves nothing about what lies in it. */
export function isOutage(error: unknown): boolean {
  return error instanceof WinnowError && OUTAGES.includes(error.code);
}

/** Makes what was written to a file or folder survive a power cut. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Runs `work`; throws StorageFailed naming `folder` where it cannot be written. */
export async function storing(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const why = messageOf(asStorageError(cause));
    throw new WinnowError("StorageFailed", `a checkpoint cannot be written to ${folder}: ${why}`, { cause });
  }
}

/**
 * A named place where a test may crash the process between two steps of publishing; `file` was written last. The default does nothing;
 * `workers/failpoints.ts` makes one from the operator's setting.
 */
export type Failpoint = (name: FailpointName, file?: string) => Promise<void> | void;
export type FailpointName =
  | "store.before-manifest"
  | "store.before-rename"
  | "store.after-rename"
  | "steps.before-record"
  | "champion.before-link"
  | "champion.after-link";
