import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import type { CliConfig } from "./config.ts";

/**
 * Where a person finds a file of an artifact, or its folder: on this machine, or, where the artifact is in a bucket and
 * nobody here has read it yet, the URL of the object.
 */
export function artifactPlace(
  { home, artifacts }: Pick<CliConfig, "home" | "artifacts">,
  { uri }: Pick<ArtifactRef, "uri">,
  file = "",
): string {
  const path = ["artifacts", uri.replace(/^winnow:/, ""), file].filter((part) => part !== "").join("/");
  const here = join(home, path);
  return artifacts === null || existsSync(here) ? here : bucketUrl(artifacts, path);
}
