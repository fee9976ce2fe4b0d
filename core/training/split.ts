import { createHash } from "node:crypto";

export type Split = "train" | "validation" | "heldout";

const SHARES = { validation: 0.04, heldout: 0.08 };
/** Minimum for small corpora: this many pages, but at most this share of all pages. */
const AT_LEAST = { validation: { pages: 4, share: 0.06 }, heldout: { pages: 12, share: 0.2 } };

/**
 * Assigns each page to one split by the hash of its path: about 4 % validation, 8 % held-out, the rest training. Small
 * corpora set more aside, so that there is enough to measure on. Apart from these minimums, a page's split does not
 * depend on the other pages.
 */
export function splitPages(pages: Iterable<string>): Map<string, Split> {
  const hashed = [...new Set(pages)].map((page) => ({ page, at: hashOf(page) })).sort((a, b) => a.at - b.at);
  const least = ({ pages, share }: { pages: number; share: number }) =>
    Math.min(pages, Math.floor(share * hashed.length));
  const heldout = Math.max(countBelow(hashed, SHARES.heldout), least(AT_LEAST.heldout));
  const both = countBelow(hashed, SHARES.heldout + SHARES.validation);
  const validation = Math.max(both - heldout, least(AT_LEAST.validation));
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

/** The page's position in [0, 1), uniform over pages. */
function hashOf(page: string): number {
  return createHash("sha256").update(`split\n${page}`).digest().readUInt32BE(0) / 2 ** 32;
}
