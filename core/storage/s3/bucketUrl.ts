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

/** The URL of what settings name, or of a key below it. */
export function bucketUrl({ bucket, prefix }: Pick<S3Settings, "bucket" | "prefix">, key = ""): string {
  return `s3://${[bucket, prefix, key].filter((part) => part !== "").join("/")}`;
}
