import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import type { Places } from "./settings.ts";

/**
 * Location of an artifact's file, or of its folder, for people. For an artifact in a bucket without a local copy, this
 * is the URL of the object.
 */
export function artifactPlace({ home, artifacts }: Places, { uri }: Pick<ArtifactRef, "uri">, file = ""): string {
  const path = ["artifacts", uri.replace(/^winnow:/, ""), file].filter((part) => part !== "").join("/");
  const here = join(home, path);
  return artifacts === null || existsSync(here) ? here : bucketUrl(artifacts, path);
}
