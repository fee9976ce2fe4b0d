import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { projectRoot } from "../config/read.ts";
import type { Environment } from "../config/schema.ts";
import { movedAccess, plainAccess } from "../config/temporalAccess.ts";
import type { StackSettings } from "./settings.ts";

/**
 * Forks a process of Winnow's that works on this home with the Temporal server at `address`. Its output goes to `log`.
 * It leads a process group of its own: Ctrl-C on the terminal must not reach it before the command has decided.
 */
export function forkPart(
  module: string,
  config: StackSettings,
  { address, log, env = {} }: { address: string; log: string; env?: Environment },
): ChildProcess {
  const output = openSync(log, "a");
  const access = config.temporalAddress
    ? movedAccess(config.env, (path) => resolve(path))
    : plainAccess(config.env, address, config.namespace);
  // The argument shows in process lists whose process it is.
  const child = fork(module, [config.home], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    cwd: projectRoot,
    env: { ...access, WINNOW_HOME: config.home, WINNOW_CACHE: config.cache, ...env },
    stdio: ["ignore", output, output, "ipc"],
    detached: true,
  });
  closeSync(output);
  return child;
}
