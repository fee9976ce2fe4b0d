import { isFree } from "../cli/ports.ts";

// Below those that Linux (from 32768) and others (from 49152) lend to connections: one of them may be lent before the
// process it was drawn for listens, even to the test's own attempt to reach that process.
const [FIRST, COUNT] = [20_000, 12_000];
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
