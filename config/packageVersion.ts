import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./read.ts";

/** The version in package.json, and in a package the commit it was packed from. */
export function packageFacts(root = projectRoot): { version: string; commit?: string } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** The version of package.json. */
export function packageVersion(root = projectRoot): string {
  return packageFacts(root).version;
}
