import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isPackage, root } from "./paths.mjs";
import { NODE_MAINTAINED, NODE_MINIMUM } from "./pins.mjs";
import { degraded, done, SetupError, working } from "./report.mjs";
import { run, tail } from "./run.mjs";
import { lacksThisPlatform } from "./unloaded.mjs";

/** Throws SetupError if this Node is older than Winnow's minimum, and warns of one without security fixes. */
export function checkNode(found = process.versions.node) {
  const [major, minor] = found.split(".").map(Number);
  const [wantedMajor, wantedMinor] = NODE_MINIMUM;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor))
    throw new SetupError(`Node ${found} is too old: Winnow needs ${NODE_MINIMUM.join(".")} or newer.`, [
      "install a current Node from nodejs.org",
      "or by a version manager: nvm install 24, fnm install 24, volta install node@24",
    ]);
  if (major < NODE_MAINTAINED) degraded("Node", `${found} works, but gets no security fixes any more: prefer 22 or 24`);
  else done("Node", found);
}

/** Installs the npm packages of the lockfile. Install scripts stay off (.npmrc). In an installed package npm has done so. */
export async function installPackages() {
  if (isPackage) return done("npm packages", "installed with Winnow");
  const modules = join(root, "node_modules");
  const stamp = join(modules, ".winnow-stamp");
  const lockfile = readFileSync(join(root, "package-lock.json"), "utf8");
  const lock = createHash("sha256").update(lockfile).digest("hex");
  const stamped = existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
  const asLocked = stamped || isAsLocked(JSON.parse(lockfile), readJson(join(modules, ".package-lock.json")));
  const fresh = asLocked && !lacksThisPlatform(modules);
  if (!fresh) await install();
  if (!stamped) await writeFile(stamp, lock);
  await linkCommand();
  done("npm packages", fresh ? "as in package-lock.json" : "installed");
}

async function install() {
  const stop = working("npm packages", "npm ci");
  const { code, output } = await run("npm", ["ci", "--no-audit", "--no-fund"]);
  stop();
  if (code !== 0)
    throw new SetupError(`npm ci failed:\n${tail(output)}`, [
      "check that the npm registry can be reached (npm ping)",
      "behind a proxy or mirror, set it in your own .npmrc",
    ]);
}

/**
 * Whether npm's record of node_modules matches the lockfile, so that set-up does not undo a manual `npm install`.
 * Optional packages of other platforms may be absent.
 */
export function isAsLocked(lock, installed) {
  if (!installed?.packages) return false;
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === "") continue;
    const found = installed.packages[path];
    if (!found && !wanted.optional) return false;
    if (found && (found.version !== wanted.version || found.integrity !== wanted.integrity)) return false;
  }
  return Object.keys(installed.packages).every((path) => path in lock.packages);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/**
 * npm links the commands of dependencies but not a project's own. The link makes `npx winnow` work inside the clone.
 */
async function linkCommand() {
  const link = join(root, "node_modules", ".bin", "winnow");
  if (existsSync(link) || process.platform === "win32") return;
  await mkdir(join(root, "node_modules", ".bin"), { recursive: true });
  await rm(link, { force: true });
  await symlink("../../cli/winnow.mjs", link);
  await chmod(join(root, "cli", "winnow.mjs"), 0o755);
}
