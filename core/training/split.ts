import { createHash } from "node:crypto";

export type Split = "train" | "validation" | "heldout";

const SHARES = { validation: 0.04, heldout: 0.08 };
const AT_LEAST = { validation: 2, heldout: 3 };
/** Corpora smaller than this are split without minimum counts. */
const SMALL = 20;

/**
 * Assigns each page to one split by the hash of its path: about 4 % validation, 8 % held-out, the rest training; small
 * corpora get at least two and three pages. The same page falls the same way whatever the other pages are, but for
 * those minimum counts.
 */
export function splitPages(pages: Iterable<string>): Map<string, Split> {
  const hashed = [...new Set(pages)].map((page) => ({ page, at: hashOf(page) })).sort((a, b) => a.at - b.at);
  const atLeast = hashed.length >= SMALL ? AT_LEAST : { validation: 0, heldout: 0 };
  const heldout = Math.max(countBelow(hashed, SHARES.heldout), atLeast.heldout);
  const both = countBelow(hashed, SHARES.heldout + SHARES.validation);
  const validation = Math.max(both - heldout, atLeast.validation);
  return new Map(
    hashed.map(({ page }, rank) => [
      page,
      rank < heldout ? "heldout" : rank < heldout + validation ? "validation" : "train",
    ]),
  );
}

function countBelow(hashed: { at: number }[], share: number): number {
  return hashed.filter(({ at }) => at < share).length;
}

/** The page's place in [0, 1), uniform over pages. */
function hashOf(page: string): number {
  return createHash("sha256").update(`split\n${page}`).digest().readUInt32BE(0) / 2 ** 32;
}
