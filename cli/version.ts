import { execFileSync } from "node:child_process";
import { packageVersion } from "../config/packageVersion.ts";
import { projectRoot } from "../config/read.ts";

/** The version of package.json, with the commit where the clone and git are at hand: `0.1.0 (a1fc2fd)`. */
export function versionText(root = projectRoot): string {
  const version = packageVersion(root);
  const commit = commitOf(root);
  return commit === null ? version : `${version} (${commit})`;
}

function commitOf(root: string): string | null {
  try {
    const args = ["-C", root, "describe", "--always", "--dirty", "--tags"];
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 }).trim();
  } catch {
    // No git, or a copy without its history.
    return null;
  }
}
