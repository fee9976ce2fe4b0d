import type { Doors } from "../client/doors.ts";
import { WinnowError } from "../core/base/errors.ts";

const RETRY_MS = 5000;

/**
 * The doors with a limit on the questions, searches, rerankings and calls of the LLM under way at once, whatever protocol
 * they came by. One more throws Busy.
 */
export function limited(doors: Doors, atOnce: number): Doors {
  let running = 0;
  const enter = () => {
    if (running >= atOnce) {
      const message = `Busy: ${running} questions are under way. Try again in ${RETRY_MS / 1000} s.`;
      throw new WinnowError("Busy", message, { retryAfterMs: RETRY_MS });
    }
    running++;
  };
  const one = async <T>(work: () => Promise<T>): Promise<T> => {
    enter();
    try {
      return await work();
    } finally {
      running--;
    }
  };
  const { complete } = doors;
  return {
    ...doors,
    ask: (...args) => one(() => doors.ask(...args)),
    ...(complete ? { complete: (...args: Parameters<typeof complete>) => one(() => complete(...args)) } : {}),
    search: (...args) => one(() => doors.search(...args)),
    rerank: (...args) => one(() => doors.rerank(...args)),
    async *follow(...args) {
      enter();
      try {
        yield* doors.follow(...args);
      } finally {
        running--;
      }
    },
  };
}
