import { isFree } from "../client/ports.ts";

// Below those that Linux (from 32768) and others (from 49152) lend to connections: one of them may be lent before the
// process it was drawn for listens, even to the test's own attempt to reach that process.
// Test files that run at once draw from ranges of their own.
const COUNT = 3_000;
const FIRST = 20_000 + COUNT * (Number(process.env.VITEST_POOL_ID ?? 0) % 4);
const drawn = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (drawn.has(port)) continue;
    drawn.add(port);
    if (await isFree(port)) return port;
  }
}
