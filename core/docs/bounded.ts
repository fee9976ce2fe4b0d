import { createContext, Script } from "node:vm";

/** Far more than the largest page needs; a Markdown parser's time can grow with the square of a page's size. */
const MAX_PAGE_MS = 10_000;
/** A process that gets less than this share of a core is stalled, not at work on a page. */
const LEAST_SHARE = 1 / 256;
const LONGER = 4;

// Only `vm` can end synchronous work: its time limit also holds for functions it calls outside its context.
const scope = createContext({ work: (): unknown => undefined });
const call = new Script("work()");

/**
 * Runs the work on one page; where it takes more than `ms` of processor time or nests too deeply for the stack, the reason
 * instead. What other processes take from the machine does not count: which pages are read must not depend on its load.
 * Work that a busy machine cut short is run again, so it must be repeatable.
 */
export function bounded<T>(work: () => T, ms = MAX_PAGE_MS): { made: T } | { reason: string } {
  scope.work = work;
  for (let wall = ms; ; wall *= LONGER) {
    const before = process.cpuUsage();
    try {
      return { made: call.runInContext(scope, { timeout: wall }) as T };
    } catch (error) {
      if (error instanceof RangeError) return { reason: "is nested too deeply" };
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1000 >= ms || wall * LEAST_SHARE >= ms)
        return { reason: `takes more than ${ms / 1000} s to read` };
    }
  }
}
