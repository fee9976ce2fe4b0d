import { WinnowError } from "./errors.ts";

/** The result of `work`, unless `signal` aborts before. Throws Cancelled with `reason` then; the work goes on unseen. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, reason = "cancelled"): Promise<T> {
  return new Promise((settle, fail) => {
    const cancel = () => fail(new WinnowError("Cancelled", reason));
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    work.then(settle, fail).finally(() => signal?.removeEventListener("abort", cancel));
  });
}
