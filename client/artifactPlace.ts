import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import type { Places } from "./settings.ts";

/**
 * Where a person finds a file of an artifact, or its folder. The URL of the object when the artifact lies in a bucket and
 * this machine has no copy yet.
 */
export function artifactPlace({ home, artifacts }: Places, { uri }: Pick<ArtifactRef, "uri">, file = ""): string {
  const path = ["artifacts", uri.replace(/^winnow:/, ""), file].filter((part) => part !== "").join("/");
  const here = join(home, path);
  return artifacts === null || existsSync(here) ? here : bucketUrl(artifacts, path);
}
