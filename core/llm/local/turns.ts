import { WinnowError } from "../../base/errors.ts";

/** Thrown when too many requests wait. */
export class TooMany extends Error {}

/** Lets one request compute at a time and a few wait, in order. */
export interface Line {
  /** Runs `work` when its turn comes. Throws TooMany at once if the line is full, Cancelled if `signal` aborts before. */
  take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createLine(mayWait: number): Line {
  const waiting: (() => void)[] = [];
  let busy = false;
  const next = () => {
    const first = waiting.shift();
    if (first) first();
    else busy = false;
  };
  const turn = (signal: AbortSignal) =>
    new Promise<void>((settle, fail) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(start), 1);
        fail(new WinnowError("Cancelled", "the request was cancelled"));
      };
      const start = () => {
        signal.removeEventListener("abort", leave);
        settle();
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(start);
    });
  return {
    async take(work, signal) {
      if (busy && waiting.length >= mayWait) throw new TooMany();
      signal.throwIfAborted();
      if (busy) await turn(signal);
      busy = true;
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
