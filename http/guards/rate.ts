/** Counts requests by key against a rate. */
export interface Rate {
  /** Counts one request. Returns 0 if it may pass, otherwise the seconds until one may. */
  take(key: number): number;
}

/** A token bucket a key: it holds a minute's requests and refills steadily. `now` returns milliseconds. */
export function createRate(perMinute: number, now = () => performance.now()): Rate {
  const buckets = new Map<number, { left: number; at: number }>();
  const perMs = perMinute / 60_000;
  return {
    take(key) {
      const at = now();
      const before = buckets.get(key) ?? { left: perMinute, at };
      const left = Math.min(perMinute, before.left + (at - before.at) * perMs);
      buckets.set(key, { left: left < 1 ? left : left - 1, at });
      return left < 1 ? Math.ceil((1 - left) / perMs / 1000) : 0;
    },
  };
}
