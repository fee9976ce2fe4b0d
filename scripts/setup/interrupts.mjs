const stop = new AbortController();
let listening = false;

/** Aborts when the user interrupts set-up. */
export const stopped = stop.signal;

/** True while interrupts end what set-up runs, instead of set-up itself. */
export const isListening = () => listening;

/**
 * Runs set-up so that an interrupt ends its programs and downloads. Set-up then fails where it is, which removes its
 * temporary files.
 */
export async function interruptible(work) {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"];
  const interrupt = () => stop.abort(new Error("Set-up was interrupted."));
  for (const name of names) process.on(name, interrupt);
  listening = true;
  try {
    const result = await work();
    // A part that can be done without may have swallowed it.
    stopped.throwIfAborted();
    return result;
  } finally {
    listening = false;
    for (const name of names) process.off(name, interrupt);
  }
}
