import { isFree } from "../client/ports.ts";

// Ports below the ephemeral ranges of Linux (from 32768) and others (from 49152). The kernel may assign an ephemeral
// port before the process it was drawn for listens, even to the test's own connection attempt. Concurrent test files
// draw from separate ranges.
const COUNT = 3_000;
const FIRST = 20_000 + COUNT * (Number(process.env.VITEST_POOL_ID ?? 0) % 4);
const drawn = new Set<number>();

/** A free port of 127.0.0.1 that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (drawn.has(port)) continue;
    drawn.add(port);
    if (await isFree(port)) return port;
  }
}
