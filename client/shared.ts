/**
 * A function whose calls with the same key share one result: while it is made, and for `keptMs` after. A failure is shared
 * by those that wait for it, and not kept.
 *
 * @example
 * const health = shared((corpus?: string) => docsHealth(config, soon, corpus), 5000);
 */
export function shared<K, T>(make: (key: K) => Promise<T>, keptMs: number): (key: K) => Promise<T> {
  const results = new Map<K, Promise<T>>();
  return (key) => {
    const known = results.get(key);
    if (known) return known;
    const made = make(key);
    results.set(key, made);
    const forget = () => results.delete(key);
    made.then(() => setTimeout(forget, keptMs).unref(), forget);
    return made;
  };
}
