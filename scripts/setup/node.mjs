// node scripts/setup/node.mjs VERSION: prints the path of a Node of this version, such as 22 or 20.20.2.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { cache } from "./paths.mjs";
import { SetupError } from "./report.mjs";

/** The binary of a version, which npm has as a package. It stays in the cache folder. Throws SetupError if there is none. */
export function provideNode(version) {
  const name = `${process.platform === "darwin" ? "node-bin-darwin" : "node-linux"}-${process.arch}`;
  const folder = join(cache, "node", version);
  const binary = join(folder, "node_modules", name, "bin", "node");
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  const { stderr } = spawnSync("npm", ["install", ...options, `${name}@${version}`], { cwd: folder, encoding: "utf8" });
  if (existsSync(binary)) return binary;
  throw new SetupError(`npm has no Node ${version} for this machine: ${stderr}`, [
    "check that the npm registry can be reached (npm ping)",
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(provideNode(process.argv[2]));
