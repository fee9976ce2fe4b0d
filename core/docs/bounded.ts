import { createContext, Script } from "node:vm";

/** Far more than the largest page needs. A Markdown parser's time can grow with the square of a page's size. */
export const MAX_PAGE_MS = 10_000;
/** A process with less than this share of a core is stalled, not busy with a page. */
const LEAST_SHARE = 1 / 256;
const LONGER = 4;

// Only `vm` can interrupt synchronous work. Its timeout also covers functions that it calls outside its context.
const scope = createContext({ work: (): unknown => undefined });
const call = new Script("work()");

/**
 * Runs the work on one page. Returns the reason instead if it takes more than `ms` of processor time or nests too
 * deeply for the stack. Time used by other processes does not count: the machine's load must not decide which pages are
 * read. Work interrupted on a busy machine runs again, so it must be repeatable.
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
