import { createContext, Script } from "node:vm";

/** Far more than the largest page needs; a Markdown parser's time can grow with the square of a page's size. */
const MAX_PAGE_MS = 10_000;

// Only `vm` can end synchronous work: its time limit also holds for functions it calls outside its context.
const scope = createContext({ work: (): unknown => undefined });
const call = new Script("work()");

/** Runs the work on one page; where it takes too long or nests too deeply for the stack, the reason instead. */
export function bounded<T>(work: () => T, ms = MAX_PAGE_MS): { made: T } | { reason: string } {
  try {
    scope.work = work;
    return { made: call.runInContext(scope, { timeout: ms }) as T };
  } catch (error) {
    if (error instanceof RangeError) return { reason: "is nested too deeply" };
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      return { reason: `takes more than ${ms / 1000} s to read` };
    throw error;
  }
}
