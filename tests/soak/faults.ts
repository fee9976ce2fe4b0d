import { setTimeout as delay } from "node:timers/promises";
import { type Clock, picked, secondsBetween } from "./clock.ts";
import { commandOf, computeBelow, signal } from "./processes.ts";
import { type Product, QUERY_WORKERS } from "./product.ts";

/** Killed throughout. */
const ALWAYS = ["server", QUERY_WORKERS[0]];
/** Killed in the first half alone: the memory of one that lives through the second half is compared. */
const EARLY = ["workers", "api", QUERY_WORKERS[1]];
/** Shorter than the 20 s after which a silent compute process is replaced, and around the heartbeats' 10 s. */
const STOPPED_SECONDS = [2, 14] as const;

/** Longest time that a fault stops a process. */
export const LONGEST_STOP_MS = STOPPED_SECONDS[1] * 1000;

/** Kills and stops processes at random. One fault at a time, so that each has a cause that the log shows. */
export function disturb(clock: Clock, product: Product, random: () => number): Promise<void> {
  const computing = () => Object.values(product.processes()).flatMap(computeBelow);
  const faults: Record<string, () => Promise<string | null>> = {
    async "kill -9 of a compute process"() {
      const found = computing();
      return found.length === 0 ? null : killed(product, picked(found, random));
    },
    async "kill -9 of a process"() {
      const name = picked(clock.mayKillAll ? [...ALWAYS, ...EARLY] : ALWAYS, random);
      const pid = product.processes()[name];
      return pid && product.killHard(pid) ? name : null;
    },
    async "SIGSTOP for seconds"() {
      const all = Object.entries(product.processes());
      const [name, pid] = picked([...all, ...computing().map((one) => [taskOf(one), one] as const)], random);
      const ms = secondsBetween(random, ...STOPPED_SECONDS);
      if (!signal(pid, "SIGSTOP")) return null;
      await delay(ms);
      signal(pid, "SIGCONT");
      return `${name}, ${Math.round(ms / 1000)} s`;
    },
  };
  const pause = () => secondsBetween(random, 8, 30);
  return clock.every("faults", pause, async () => {
    const fault = picked(Object.keys(faults), random);
    const victim = await faults[fault]!();
    if (victim === null) return;
    clock.log(`${fault}: ${victim}`);
    clock.count(`fault: ${fault}`);
  });
}

function killed(product: Product, pid: number): string | null {
  const task = taskOf(pid);
  return product.killHard(pid) ? task : null;
}

/** A compute process ends its command line with the name of its task. */
function taskOf(pid: number): string {
  return `compute process ${commandOf(pid).split(" ").at(-1)}`;
}
