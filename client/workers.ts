import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectRoot } from "../config/read.ts";
import { movedAccess, plainAccess } from "../config/temporalAccess.ts";
import { WinnowError } from "../core/base/errors.ts";
import { end } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { OnStackEvent } from "./stackEvents.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Workers that lived this long did not fail at start, so the restart pause is reset. */
const STEADY_MS = 60_000;
const DRAIN_MS = 20_000;

/** Callbacks of `keepWorkers`. */
export interface Watch {
  onEvent: OnStackEvent;
  /** Receives the process id whenever the workers are ready, and 0 when they have ended by themselves. */
  onPid(pid: number): void;
}

/**
 * Starts all workers in one process and restarts it, with growing pauses, whenever it ends by itself. Resolves when they
 * are ready for the first time, to a function that stops them. Throws ComputeCrashed when they end at the first start.
 */
export async function keepWorkers(
  config: StackSettings,
  address: string,
  { onEvent, onPid }: Watch,
): Promise<() => Promise<void>> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE_MS;
  let child = forkWorkers(config, address);
  await ready(child, config);
  const serving = () => {
    const since = Date.now();
    onPid(child.pid ?? 0);
    child.once("exit", (code, signal) => {
      if (Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
      again(signal ?? `exit ${code}`);
    });
  };
  const again = (how: string | null) => {
    if (stopped) return;
    onPid(0);
    onEvent({ kind: "workers ended", how, restartSeconds: pause / 1000, log: logOf(config) });
    timer = setTimeout(() => {
      child = forkWorkers(config, address);
      ready(child, config).then(serving, () => again(null));
    }, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  };
  onEvent({ kind: "workers ready" });
  serving();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await end(child, DRAIN_MS);
  };
}

function logOf(config: StackSettings): string {
  return join(config.home, "run", "workers.log");
}

function forkWorkers(config: StackSettings, address: string): ChildProcess {
  const output = openSync(logOf(config), "a");
  const child = fork(join(projectRoot, "workers", "all.ts"), [], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    cwd: projectRoot,
    env: {
      ...(config.temporalAddress
        ? movedAccess(config.env, (path) => resolve(path))
        : plainAccess(config.env, address, config.namespace)),
      WINNOW_HOME: config.home,
      WINNOW_CACHE: config.cache,
    },
    stdio: ["ignore", output, output, "ipc"],
    detached: true,
  });
  closeSync(output);
  return child;
}

/** Resolves at the workers' `ready` message. */
function ready(child: ChildProcess, config: StackSettings): Promise<void> {
  return new Promise((settle, fail) => {
    const refuse = (code: number | null) =>
      fail(
        new WinnowError("ComputeCrashed", `The workers stopped at start (exit ${code}). Their log: ${logOf(config)}`),
      );
    child.once("error", fail);
    child.once("exit", refuse);
    child.on("message", (message: { type?: string }) => {
      if (message?.type !== "ready") return;
      child.off("exit", refuse);
      settle();
    });
  });
}
