import { WinnowError } from "../base/errors.ts";

/** Weight of the newest duration in the running mean of task durations. */
const NEWEST = 0.2;

export interface TurnLimits {
  /** Number of tasks that run at once. */
  atOnce: number;
  /** Number of tasks that may wait for their turn. */
  waiting: number;
}

/** Limits concurrency, with turns in order of arrival. */
export interface Turns {
  /**
   * Runs the task when its turn comes. Throws Busy immediately if too many wait, with the seconds until a retry, and
   * Cancelled if `signal` fires before the turn.
   */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** `now` returns milliseconds. */
export function createTurns({ atOnce, waiting }: TurnLimits, now = () => performance.now()): Turns {
  const queue: (() => void)[] = [];
  let running = 0;
  let meanMs = 1000;

  const busy = () => {
    const seconds = Math.max(1, Math.ceil(((queue.length + running) * meanMs) / atOnce / 1000));
    const message = `Busy: ${queue.length} questions are already waiting. Try again in ${seconds} s.`;
    return new WinnowError("Busy", message, { retryAfterMs: 1000 * seconds });
  };

  const turn = (signal?: AbortSignal) =>
    new Promise<void>((settle, fail) => {
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        settle();
      };
      const leave = () => {
        queue.splice(queue.indexOf(enter), 1);
        fail(new WinnowError("Cancelled", "The question was cancelled before its turn came"));
      };
      queue.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });

  return {
    async take(work, signal) {
      // A finished task hands its place to the next, so `running` never exceeds the limit in between.
      if (running >= atOnce) {
        if (queue.length >= waiting) throw busy();
        await turn(signal);
      } else running++;
      const began = now();
      try {
        return await work();
      } finally {
        meanMs += NEWEST * (now() - began - meanMs);
        const enter = queue.shift();
        if (enter) enter();
        else running--;
      }
    },
  };
}
