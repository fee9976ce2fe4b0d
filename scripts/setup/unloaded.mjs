import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { LOCKFILE, root } from "./paths.mjs";
import { done } from "./report.mjs";

const STAMP = ".winnow-slim";
const SOURCE_MAP = /\.[cm]?[jt]s\.map$/;
const PLATFORM = `${process.platform}-${process.arch}`;
const TEMPORAL_PLATFORM = { darwin: "apple-darwin", linux: "unknown-linux-gnu", win32: "pc-windows-msvc" };
const TEMPORAL_ARCH = { arm64: "aarch64", x64: "x86_64" };

/** Translations of the compiler's messages. */
const LANGUAGES = "cs de es fr it ja ko pl pt-br ru tr zh-cn zh-tw".split(" ");

/**
 * Parts of packages that Node never loads on this platform: `paths`, and all entries of `folders` except `keep`. A folder
 * without `keep` stays as it is.
 */
const UNLOADED = [
  { package: "onnxruntime-node", folders: ["bin/napi-v6"], keep: process.platform },
  { package: "onnxruntime-node", folders: [`bin/napi-v6/${process.platform}`], keep: process.arch },
  {
    package: "@temporalio/core-bridge",
    folders: ["releases"],
    keep: `${TEMPORAL_ARCH[process.arch]}-${TEMPORAL_PLATFORM[process.platform]}`,
  },
  // Builds for browsers, and bundles of modules that are loaded one by one.
  { package: "onnxruntime-web", paths: ["dist", "docs", "lib"] },
  { package: "@xenova/transformers", paths: ["src", "dist/transformers.js", "dist/transformers.min.js"] },
  { package: "@xenova/transformers", paths: ["dist/transformers.web.js", "dist/transformers.web.min.js"] },
  { package: "echarts", paths: ["dist"] },
  { package: "zrender", paths: ["dist"] },
  { package: "rxjs", paths: ["dist/bundles", "dist/esm", "dist/esm5", "src"] },
  { package: "highlight.js", paths: ["scss", "styles"] },
  { package: "openai", paths: ["src"] },
  { package: "protobufjs", paths: ["dist"] },
  { package: "typescript", paths: LANGUAGES.map((language) => `lib/${language}`) },
];

/**
 * Removes files that this platform never loads from `node_modules`: libraries of other platforms, builds for browsers,
 * source maps. Follows no link into another installation. `npm ci` restores them.
 */
export function removeUnloaded(modules = join(root, "node_modules"), lockfile = join(root, LOCKFILE)) {
  // A linked folder belongs to another installation, and in a package of another package manager there is none.
  if (!existsSync(modules) || lstatSync(modules).isSymbolicLink()) return;
  const state = `${PLATFORM} ${createHash("sha256").update(readFileSync(lockfile)).digest("hex")}`;
  if (stampOf(modules) === state) return;
  const bytes = [...unloadedIn(modules), ...filesNamed(SOURCE_MAP, modules)].reduce(
    (sum, path) => sum + remove(path, modules),
    0,
  );
  writeFileSync(join(modules, STAMP), state);
  if (bytes > 0) done("npm packages", `${Math.round(bytes / 1e6)} MB removed that ${process.platform} never loads`);
}

/** True if set-up on another platform has removed what this one loads. */
export function lacksThisPlatform(modules) {
  const stamp = stampOf(modules);
  return stamp !== null && !stamp.startsWith(`${PLATFORM} `);
}

function stampOf(modules) {
  const stamp = join(modules, STAMP);
  return existsSync(stamp) ? readFileSync(stamp, "utf8") : null;
}

function unloadedIn(modules) {
  return UNLOADED.flatMap(({ package: name, paths = [], folders = [], keep }) => [
    ...paths.map((path) => join(modules, name, path)),
    ...folders.flatMap((folder) => others(join(modules, name, folder), keep)),
  ]);
}

function others(folder, keep) {
  if (!existsSync(join(folder, keep))) return [];
  return readdirSync(folder)
    .filter((entry) => entry !== keep)
    .map((entry) => join(folder, entry));
}

/** Paths of all files below a folder whose names match. */
export function filesNamed(pattern, folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const found = files.filter((file) => file.isFile() && pattern.test(file.name));
  return found.map(({ parentPath, name }) => join(parentPath, name));
}

/** Removes a file or folder that lies in `modules`, also once links are resolved. Gives its size. */
function remove(path, modules) {
  if (!existsSync(path) || !realpathSync(path).startsWith(realpathSync(modules) + sep)) return 0;
  const bytes = sizeOf(path);
  rmSync(path, { recursive: true, force: true });
  return bytes;
}

function sizeOf(path) {
  const about = lstatSync(path);
  if (!about.isDirectory()) return about.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
