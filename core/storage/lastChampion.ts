import { setTimeout as pause } from "node:timers/promises";
import { WinnowError } from "../base/errors.ts";
import type { Promotion, Releases } from "./releases.ts";

/** How long a question waits for the store, with and without a known champion. */
const PATIENCE_MS = { known: 2000, unknown: 10_000 };

/**
 * Champions for questions. While the store does not answer, this is the last known champion. Promotions need the store,
 * so that champion is still current, unless only this process is cut off. Throws StoreUnavailable if no champion is
 * known.
 */
export function lastChampions(
  releases: Pick<Releases, "champion">,
  patience = PATIENCE_MS,
): Pick<Releases, "champion"> {
  const known = new Map<string | undefined, Promotion | null>();
  return {
    async champion(corpus) {
      const asked = releases.champion(corpus).then((found) => {
        known.set(corpus, found);
        return found;
      });
      try {
        return await within(known.has(corpus) ? patience.known : patience.unknown, asked);
      } catch (error) {
        const last = known.get(corpus);
        if (last === undefined || !(error instanceof WinnowError) || error.code !== "StoreUnavailable") throw error;
        return last;
      }
    },
  };
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = pause(ms, undefined, { signal: end.signal, ref: false }).then(() => {
    throw new WinnowError("StoreUnavailable", `The store of artifacts has not answered for ${ms / 1000} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    end.abort();
    // The loser of the race has no listener any more.
    for (const ignored of [answer, late]) ignored.catch(() => {});
  }
}
