import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { movedAccess, plainAccess } from "../config/temporalAccess.ts";
import { WinnowError } from "../core/base/errors.ts";
import { type CliConfig, projectRoot } from "./config.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Workers that lived this long did not end because of how they were started. */
const STEADY_MS = 60_000;
const DRAIN_MS = 20_000;

/** What keeps workers running needs to be told. */
export interface Watch {
  log(line: string): void;
  /** Hears the process's id each time the workers are ready, and 0 when they have ended by themselves. */
  onPid(pid: number): void;
}

/**
 * Starts all workers in one process, and again whenever that ends by itself, after pauses that grow. Resolves when they are
 * ready first; gives what stops them. Throws ComputeCrashed where they end at the first start.
 */
export async function keepWorkers(config: CliConfig, address: string, watch: Watch): Promise<() => Promise<void>> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE_MS;
  let child = forkWorkers(config, address);
  await ready(child, config);
  const serving = () => {
    const since = Date.now();
    watch.onPid(child.pid ?? 0);
    child.once("exit", (code, signal) => {
      if (Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
      again(`The workers ended (${signal ?? `exit ${code}`})`);
    });
  };
  const again = (what: string) => {
    if (stopped) return;
    watch.onPid(0);
    watch.log(`${what}; starting them again in ${pause / 1000} s. Their log: ${logOf(config)}`);
    timer = setTimeout(() => {
      child = forkWorkers(config, address);
      ready(child, config).then(serving, () => again("The workers ended at start"));
    }, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  };
  watch.log("Workers ready: cpu, gpu and query pools in one process");
  serving();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await end(child, DRAIN_MS);
  };
}

function logOf(config: CliConfig): string {
  return join(config.home, "run", "workers.log");
}

function forkWorkers(config: CliConfig, address: string): ChildProcess {
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
function ready(child: ChildProcess, config: CliConfig): Promise<void> {
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

/** Asks a child to stop, and kills it when it has not within `graceMs`. */
export async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(timer);
}
