import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./read.ts";

/** What package.json says of this version; `commit` only in a package. */
export function packageFacts(root = projectRoot): { version: string; commit?: string } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** The version of package.json. */
export function packageVersion(root = projectRoot): string {
  return packageFacts(root).version;
}
