import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** True in an installed package, which npm installs with its dependencies; false in a clone and in an image. */
export const isPackage = existsSync(join(root, "npm-shrinkwrap.json"));

/** Lockfile of the packages, in `root`. */
export const LOCKFILE = isPackage ? "npm-shrinkwrap.json" : "package-lock.json";

/** The command that runs set-up. */
export const SET_UP = isPackage ? "winnow setup" : "npm run setup";

/** Folder of a dependency: in a package it may lie beside Winnow's own folder. Throws if it is not installed. */
export function folderOf(name) {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) throw new Error(`the package ${name} is not installed`);
  }
}

/** Folder of downloads, by the same rule as in config/settings/storage.ts. */
export const cache = resolve(
  process.env.WINNOW_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "winnow"),
);
