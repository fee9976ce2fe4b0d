/** Ctrl-C, `kill`, and the end of the terminal. */
const ALL = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work` with a signal that aborts at the first interrupt, and calls `onInterrupt`. A second interrupt of the same
 * kind ends the process.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { signals = ALL, onInterrupt = () => {} }: { signals?: readonly NodeJS.Signals[]; onInterrupt?: () => void } = {},
): Promise<T> {
  const stop = new AbortController();
  const interrupt = () => {
    onInterrupt();
    stop.abort();
  };
  for (const name of signals) process.once(name, interrupt);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}

/** Resolves at the first interrupt. */
export function interrupted(signals: readonly NodeJS.Signals[] = ALL): Promise<void> {
  return new Promise((settle) => {
    for (const name of signals) process.once(name, () => settle());
  });
}
