/** An S3-compatible location, configured by the operator. Credentials come from the SDK's own chain. */
export interface S3Settings {
  bucket: string;
  /** Prefix of all keys, without leading or trailing slashes; may be empty. */
  prefix: string;
  /** URL of the server; null: Amazon's. */
  endpoint: string | null;
  region: string;
  /** Size limit of the local cache, in bytes; artifacts used in the last hour always stay. */
  cacheBytes: number;
  /** Bytes per part; larger files are uploaded in several parts. */
  partBytes?: number;
  /** Timeout of a silent connection, in milliseconds. */
  silentMs?: number;
}

/** The URL of a bucket location, or of a key below it. */
export function bucketUrl({ bucket, prefix }: Pick<S3Settings, "bucket" | "prefix">, key = ""): string {
  return `s3://${[bucket, prefix, key].filter((part) => part !== "").join("/")}`;
}
