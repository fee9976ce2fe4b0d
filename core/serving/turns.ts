import { WinnowError } from "../base/errors.ts";

/** Weight of the newest piece of work in the running mean of how long one takes. */
const NEWEST = 0.2;

export interface TurnLimits {
  /** Pieces of work that run at once. */
  atOnce: number;
  /** Pieces of work that may wait for their turn. */
  waiting: number;
}

/** Turns at something that does only so much at once, in order of arrival. */
export interface Turns {
  /**
   * Does the work when its turn has come. Throws Busy at once where too many wait, with the seconds after which to try
   * again; Cancelled where `signal` fires before the turn comes.
   */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** `now` gives milliseconds. */
export function createTurns({ atOnce, waiting }: TurnLimits, now = () => performance.now()): Turns {
  const queue: (() => void)[] = [];
  let running = 0;
  let meanMs = 1000;

  const busy = () => {
    const seconds = Math.max(1, Math.ceil(((queue.length + running) * meanMs) / atOnce / 1000));
    const message = `Busy: ${queue.length} questions wait already. Try again in ${seconds} s.`;
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
      // Whoever ends hands its place to the next, so that `running` never exceeds the limit in between.
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
