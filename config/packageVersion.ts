import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./read.ts";

/** The version of package.json. */
export function packageVersion(root = projectRoot): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return version;
}
