import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackSettings } from "./settings.ts";

/** Folder of the clone, which holds `samples/` and `workers/`. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url));

/** Path of the `temporal` command: the one that set-up cached, else the first on PATH, else null. */
export function temporalBinary({ cache, path }: Pick<StackSettings, "cache" | "path">): string | null {
  const name = process.platform === "win32" ? "temporal.exe" : "temporal";
  const places = [join(cache, "bin"), ...path].map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}
