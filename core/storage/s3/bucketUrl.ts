import { WinnowError } from "../../base/errors.ts";

/** An S3-compatible place, named by the operator. Credentials come from the SDK's own chain. */
export interface S3Settings {
  bucket: string;
  /** Start of all keys, without slashes at its ends; may be empty. */
  prefix: string;
  /** Address of the server; null: Amazon's. */
  endpoint: string | null;
  region: string;
  /** Artifacts kept on this machine, in bytes; what was used in the last hour stays in any case. */
  cacheBytes: number;
  /** Bytes of a part; files of more than one part go up in several. */
  partBytes?: number;
  /** How long a connection may be silent. */
  silentMs?: number;
}

const CACHE_GB = 20;

/**
 * The bucket that WINNOW_ARTIFACTS (`s3://bucket/prefix`) names, reached by WINNOW_S3_ENDPOINT or as Amazon's own
 * variables say; null where none is named. `env` is what the two readers of the environment give. Throws BadInput.
 */
export function s3Settings(env: Record<string, string | undefined>): S3Settings | null {
  if (!env.WINNOW_ARTIFACTS) return null;
  const cacheGb = Number(env.WINNOW_ARTIFACTS_CACHE_GB || CACHE_GB);
  if (!(cacheGb > 0))
    throw new WinnowError("BadInput", `WINNOW_ARTIFACTS_CACHE_GB is ${env.WINNOW_ARTIFACTS_CACHE_GB}: give gigabytes`);
  return {
    ...parseBucketUrl(env.WINNOW_ARTIFACTS),
    endpoint: env.WINNOW_S3_ENDPOINT || env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || null,
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1",
    cacheBytes: cacheGb * 2 ** 30,
  };
}

/** The URL of what settings name, or of a key below it. */
export function bucketUrl({ bucket, prefix }: Pick<S3Settings, "bucket" | "prefix">, key = ""): string {
  return `s3://${[bucket, prefix, key].filter((part) => part !== "").join("/")}`;
}

/** The prefix is without slashes at its ends. */
function parseBucketUrl(url: string): { bucket: string; prefix: string } {
  const [, bucket, prefix = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+(.*?))?\/*$/.exec(url) ?? [];
  if (bucket && !/[^\w!.*'()/-]|\/\/|(^|\/)\.\.?(\/|$)/.test(prefix)) return { bucket, prefix };
  throw new WinnowError(
    "BadInput",
    `WINNOW_ARTIFACTS is ${JSON.stringify(url)}: give s3://bucket or s3://bucket/prefix`,
  );
}
