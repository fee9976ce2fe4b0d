import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Folder of downloads, by the same rule as in config/settings/storage.ts. */
export const cache = resolve(
  process.env.WINNOW_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "winnow"),
);
