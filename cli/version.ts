import { execFileSync } from "node:child_process";
import { packageFacts } from "../config/packageVersion.ts";
import { projectRoot } from "../config/read.ts";
import { COMPILED } from "../core/base/ownModules.ts";

/** The version of package.json, with the commit where it is known: `0.1.0 (a1fc2fd)`. A package states its own. */
export function versionText(root = projectRoot): string {
  const { version, commit = COMPILED ? null : commitOf(root) } = packageFacts(root);
  return commit === null ? version : `${version} (${commit})`;
}

/** The commit of a clone, by git; null without git or its history. */
export function commitOf(root: string): string | null {
  try {
    const args = ["-C", root, "describe", "--always", "--dirty", "--tags"];
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 }).trim();
  } catch {
    return null;
  }
}
