import { bucketUrl, type S3Settings } from "../../core/storage/s3/bucketUrl.ts";
import { address, gigabytes, refused, text } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

type Place = Pick<S3Settings, "bucket" | "prefix">;

/** The prefix has no leading or trailing slashes. */
const place: Kind<Place> = {
  type: "`s3://bucket/prefix`",
  parse(url, name) {
    const [, bucket, prefix = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+(.*?))?\/*$/.exec(url) ?? [];
    if (bucket && !/[^\w!.*'()/-]|\/\/|(^|\/)\.\.?(\/|$)/.test(prefix)) return { bucket, prefix };
    throw refused(`${name} is ${JSON.stringify(url)}: give s3://bucket or s3://bucket/prefix`);
  },
  show: (value) => bucketUrl(value),
};

const ARTIFACTS = setting({
  name: "WINNOW_ARTIFACTS",
  kind: place,
  default: "none: artifacts stay in `WINNOW_HOME`",
  help: "Bucket that all machines share. It holds artifacts, the ledger and the records of finished steps.",
  readBy: ["workers", "cli"],
});

const CACHE_GB = setting({
  name: "WINNOW_ARTIFACTS_CACHE_GB",
  kind: gigabytes,
  default: "`20`",
  help: "Size of the local copy of the bucket in `WINNOW_HOME`. Artifacts used within the last hour stay even where it is full.",
  readBy: ["workers", "cli"],
  fallback: () => 20,
});

const ENDPOINT_URL = setting({
  name: "AWS_ENDPOINT_URL",
  kind: address,
  default: "none: Amazon's",
  help: "Address of all AWS services. Used where neither `WINNOW_S3_ENDPOINT` nor `AWS_ENDPOINT_URL_S3` is set.",
  readBy: ["workers", "cli"],
});

const ENDPOINT_URL_S3 = setting({
  name: "AWS_ENDPOINT_URL_S3",
  kind: address,
  default: "the value of `AWS_ENDPOINT_URL`",
  help: "Address of the S3 service. Used where `WINNOW_S3_ENDPOINT` is unset.",
  readBy: ["workers", "cli"],
  after: [ENDPOINT_URL],
  fallback: ({ get }) => get(ENDPOINT_URL),
});

const S3_ENDPOINT = setting({
  name: "WINNOW_S3_ENDPOINT",
  kind: address,
  default: "the value of `AWS_ENDPOINT_URL_S3`",
  help: "Address of an S3-compatible server. Redirects are not followed.",
  readBy: ["workers", "cli"],
  after: [ENDPOINT_URL_S3],
  fallback: ({ get }) => get(ENDPOINT_URL_S3),
});

const DEFAULT_REGION = setting({
  name: "AWS_DEFAULT_REGION",
  kind: text,
  default: "`us-east-1`",
  help: "Region of the bucket where `AWS_REGION` is unset.",
  readBy: ["workers", "cli"],
  fallback: () => "us-east-1",
});

const REGION = setting({
  name: "AWS_REGION",
  kind: text,
  default: "the value of `AWS_DEFAULT_REGION`",
  help: "Region of the bucket.",
  readBy: ["workers", "cli"],
  after: [DEFAULT_REGION],
  fallback: ({ get }) => get(DEFAULT_REGION),
});

/** The AWS SDK reads these itself, and supports profiles and roles as well. */
const CREDENTIALS = [
  setting({
    name: "AWS_ACCESS_KEY_ID",
    kind: text,
    default: "none: the AWS SDK looks for a profile or a role",
    help: "Id of the key that opens the bucket.",
    secret: true,
    readBy: ["workers", "cli"],
  }),
  setting({
    name: "AWS_SECRET_ACCESS_KEY",
    kind: text,
    default: "none: the AWS SDK looks for a profile or a role",
    help: "The key itself.",
    secret: true,
    readBy: ["workers", "cli"],
  }),
  setting({
    name: "AWS_SESSION_TOKEN",
    kind: text,
    default: "none",
    help: "Token of temporary credentials.",
    secret: true,
    readBy: ["workers", "cli"],
  }),
  setting({
    name: "AWS_PROFILE",
    kind: text,
    default: "`default`",
    help: "Profile in the AWS configuration files that credentials are taken from.",
    readBy: ["workers", "cli"],
    fallback: () => "default",
  }),
];

export const BUCKET: Group = {
  title: "Shared bucket",
  about:
    "An S3-compatible bucket, for workers on several machines. The AWS variables apply only where a bucket is set.",
  settings: [ARTIFACTS, CACHE_GB, S3_ENDPOINT, ENDPOINT_URL_S3, ENDPOINT_URL, REGION, DEFAULT_REGION, ...CREDENTIALS],
};

/** Returns the bucket of `WINNOW_ARTIFACTS`, or null if none is named. Throws BadInput. */
export function readArtifacts({ text: textOf, get }: Reading): S3Settings | null {
  if (textOf(ARTIFACTS) === undefined) return null;
  const cacheBytes = get(CACHE_GB) * 2 ** 30;
  return { ...get(ARTIFACTS)!, endpoint: get(S3_ENDPOINT), region: get(REGION), cacheBytes };
}
