import { messageOf, WinnowError } from "../../base/errors.ts";

/** HTTP status of an error of the SDK; undefined where no answer came. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } })?.$metadata?.httpStatusCode;
}

/** Answers that only the operator can mend, and how. */
const HINTS: Record<number, string> = {
  301: "the bucket is elsewhere, and redirects are not followed; name its region and address (AWS_REGION, WINNOW_S3_ENDPOINT)",
  307: "it redirects, and redirects are not followed; name the right address (WINNOW_S3_ENDPOINT)",
  308: "it redirects, and redirects are not followed; name the right address (WINNOW_S3_ENDPOINT)",
  400: "it refuses the request; check region and address (AWS_REGION, WINNOW_S3_ENDPOINT)",
  401: "it refuses the credentials",
  403: "it refuses the credentials, or they may not do this",
  404: "there is no such bucket; create it, or correct WINNOW_ARTIFACTS",
};

/** StorageFailed for what only the operator can mend, StoreUnavailable for what a retry may; a domain error as it is. */
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
  return new WinnowError("StoreUnavailable", `${place}: the store does not answer as it should (${what})`, {
    cause: error,
  });
}
