import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { projectRoot } from "../config/read.ts";
import type { Environment } from "../config/schema.ts";
import { movedAccess, plainAccess } from "../config/temporalAccess.ts";
import { WinnowError } from "../core/base/errors.ts";
import { nodeOptions } from "../core/base/ownModules.ts";
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
    execArgv: nodeOptions(),
    cwd: projectRoot,
    env: { ...access, WINNOW_HOME: config.home, WINNOW_CACHE: config.cache, ...env },
    stdio: ["ignore", output, output, "ipc"],
    detached: true,
  });
  closeSync(output);
  return child;
}

/**
 * The `ready` message of a forked process. Throws ComputeCrashed if the process ends before, and BadInput with the
 * reason of a `failed` message.
 *
 * @param name in messages: `The workers`
 */
export function readyMessage<M extends object>(child: ChildProcess, name: string, log: string): Promise<M> {
  return new Promise((settle, fail) => {
    const refuse = (code: number | null, signal: NodeJS.Signals | null) =>
      fail(
        new WinnowError("ComputeCrashed", `${name} stopped at start (${signal ?? `exit ${code}`}). Its log: ${log}`),
      );
    child.once("error", fail);
    child.once("exit", refuse);
    child.on("message", (message: M & { type?: string; reason?: string }) => {
      if (message?.type === "failed") fail(new WinnowError("BadInput", `${name} did not start: ${message.reason}`));
      if (message?.type !== "ready") return;
      child.off("exit", refuse);
      settle(message);
    });
  });
}
