import { messageOf, WinnowError } from "../../base/errors.ts";

/** HTTP status of an SDK error; undefined without a reply. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } })?.$metadata?.httpStatusCode;
}

/** Statuses that only the operator can fix, each with its hint. */
const HINTS: Record<number, string> = {
  301: "the bucket is in another region; redirects are not followed, so set its region and address (AWS_REGION, WINNOW_S3_ENDPOINT)",
  307: "it redirects; redirects are not followed, so set the final address (WINNOW_S3_ENDPOINT)",
  308: "it redirects; redirects are not followed, so set the final address (WINNOW_S3_ENDPOINT)",
  400: "it refuses the request; check the region and address (AWS_REGION, WINNOW_S3_ENDPOINT)",
  401: "it refuses the credentials",
  403: "it refuses the credentials, or they lack the permission",
  404: "no such bucket; create it, or correct WINNOW_ARTIFACTS",
};

/**
 * StorageFailed for errors that only the operator can fix, StoreUnavailable for those a retry may fix. A domain error
 * is returned unchanged.
 */
export function s3Error(error: unknown, place: string): unknown {
  if (error instanceof WinnowError) return error;
  const status = statusOf(error);
  const reason = `${(error as Error)?.name ?? "Error"}: ${messageOf(error) || (error as { code?: string })?.code}`;
  if ((error as Error)?.name === "CredentialsProviderError")
    return new WinnowError("StorageFailed", `${place}: no credentials found (AWS_ACCESS_KEY_ID, a profile or a role)`, {
      cause: error,
    });
  const hint = HINTS[status ?? 0];
  if (hint) return new WinnowError("StorageFailed", `${place}: ${hint} (${status} ${reason})`, { cause: error });
  const what = status ? `${status} ${reason}` : reason;
  return new WinnowError("StoreUnavailable", `${place}: the store failed (${what})`, {
    cause: error,
  });
}
