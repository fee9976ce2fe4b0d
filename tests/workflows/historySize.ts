/** Number of a history's events, and the sizes of its payloads in bytes. */
export interface HistorySize {
  events: number;
  payloads: number;
  largestBytes: number;
  allBytes: number;
}

/** @param events of `fetchHistory`. */
export function historySizeOf(events: readonly unknown[]): HistorySize {
  const sizes = payloadSizes(events);
  return {
    events: events.length,
    payloads: sizes.length,
    largestBytes: Math.max(...sizes),
    allBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Bytes of every payload anywhere in these events. */
function payloadSizes(part: unknown): number[] {
  if (part === null || typeof part !== "object") return [];
  if ("data" in part && part.data instanceof Uint8Array) return [part.data.length];
  return Object.values(part).flatMap(payloadSizes);
}
