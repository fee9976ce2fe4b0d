import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownModule } from "../core/base/ownModules.ts";
import { forkPart, readyMessage } from "./forkPart.ts";
import { commandLine } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { Part } from "./supervise.ts";

const ALL = fileURLToPath(ownModule("../workers/all.ts", import.meta.url));

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
    ready: async (child) => void (await readyMessage(child, "The workers", log)),
  };
}

/** True if the process is the workers of this home. */
export function worksFor(pid: number, { home }: Pick<StackSettings, "home">): boolean {
  return commandLine(pid).endsWith(`${ALL} ${home}`);
}
