import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../config/read.ts";
import { WinnowError } from "../core/base/errors.ts";
import { forkPart } from "./forkPart.ts";
import { commandLine } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { Part } from "./supervise.ts";

const ALL = join(projectRoot, "workers", "all.ts");

/** Time that workers get to drain. */
export const DRAIN_MS = 20_000;

/** All workers in one process. Their start throws ComputeCrashed when they end before they are ready. */
export function allWorkers(config: StackSettings, address: string): Part {
  const log = join(config.home, "run", "workers.log");
  return {
    name: "workers",
    log,
    graceMs: DRAIN_MS,
    start: () => forkPart(ALL, config, { address, log }),
    ready: (child) => ready(child, log),
  };
}

/** True if the process is the workers of this home. */
export function worksFor(pid: number, { home }: Pick<StackSettings, "home">): boolean {
  return commandLine(pid).endsWith(`${ALL} ${home}`);
}

/** Resolves at the workers' `ready` message. */
function ready(child: ChildProcess, log: string): Promise<void> {
  return new Promise((settle, fail) => {
    const refuse = (code: number | null, signal: NodeJS.Signals | null) => {
      const how = signal ?? `exit ${code}`;
      fail(new WinnowError("ComputeCrashed", `The workers stopped at start (${how}). Their log: ${log}`));
    };
    child.once("error", fail);
    child.once("exit", refuse);
    child.on("message", (message: { type?: string }) => {
      if (message?.type !== "ready") return;
      child.off("exit", refuse);
      settle();
    });
  });
}
