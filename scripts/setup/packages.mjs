import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { NODE_MINIMUM } from "./pins.mjs";
import { done, SetupError, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = NODE_MINIMUM;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor))
    throw new SetupError(`Node ${process.versions.node} is too old: Winnow needs ${NODE_MINIMUM.join(".")} or newer.`, [
      "install a current Node from nodejs.org",
      "or by a version manager: nvm install 22, fnm install 22, volta install node@22",
    ]);
  done("Node", process.versions.node);
}

/** npm packages as the lockfile fixes them; their install scripts stay off (.npmrc). */
export async function installPackages() {
  const stamp = join(root, "node_modules", ".winnow-stamp");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const fresh = existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
  if (!fresh) {
    const stop = working("npm packages", "npm ci");
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const { code, output } = await run(npm, ["ci", "--no-audit", "--no-fund"]);
    stop();
    if (code !== 0)
      throw new SetupError(`npm ci failed:\n${tail(output)}`, [
        "check that the npm registry can be reached (npm ping)",
        "behind a proxy or mirror, set it in your own .npmrc",
      ]);
    await writeFile(stamp, lock);
  }
  await linkCommand();
  done("npm packages", fresh ? "as in package-lock.json" : "installed");
}

/** npm links the commands of dependencies, not a project's own: so `npx winnow` works inside the clone. */
async function linkCommand() {
  const link = join(root, "node_modules", ".bin", "winnow");
  if (existsSync(link) || process.platform === "win32") return;
  await mkdir(join(root, "node_modules", ".bin"), { recursive: true });
  await rm(link, { force: true });
  await symlink("../../cli/winnow.mjs", link);
  await chmod(join(root, "cli", "winnow.mjs"), 0o755);
}
