import { WinnowError } from "../errors.ts";

/** Bucket and prefix of `s3://bucket/prefix`; the prefix is without slashes at its ends. Throws BadInput. */
export function parseBucketUrl(url: string): { bucket: string; prefix: string } {
  const [, bucket, prefix = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+(.*?))?\/*$/.exec(url) ?? [];
  if (bucket && !/[^\w!.*'()/-]|\/\/|(^|\/)\.\.?(\/|$)/.test(prefix)) return { bucket, prefix };
  throw new WinnowError(
    "BadInput",
    `WINNOW_ARTIFACTS is ${JSON.stringify(url)}: give s3://bucket or s3://bucket/prefix`,
  );
}
