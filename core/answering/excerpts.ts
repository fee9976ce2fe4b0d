import type { Quotable } from "./quotable.ts";

/** A run of neighbouring quotables: `units.slice(first, last + 1)`. */
export interface Excerpt {
  first: number;
  last: number;
}

const MAX_LIST_ITEMS = 6;
/** Openings that refer back to the previous sentence. */
const LEANS_BACK =
  /^(?:this|that|these|those|it|its|they|their|such|then|however|also|otherwise|instead|therefore|thus|so|and|but|in this case|for example|if so|similarly)\b/i;

/**
 * The excerpt around unit `at` that is understandable on its own. It includes:
 * - the sentence that introduces code;
 * - the code or list that an introduction introduces;
 * - the introduction of a list item;
 * - the previous sentence, if the unit refers back to it.
 *
 * The excerpt then adds neighbours that score at least `grow`, up to `limit` characters.
 */
export function excerptAround(
  units: readonly Quotable[],
  at: number,
  scores: readonly number[],
  grow: number,
  limit: number,
): Excerpt {
  const excerpt = inContext(units, at, limit);
  for (;;) {
    const before = growable(units, scores, excerpt, excerpt.first - 1, grow, limit);
    const after = growable(units, scores, excerpt, excerpt.last + 1, grow, limit);
    if (before === null && after === null) return withoutLooseEnd(units, excerpt, at);
    if ((after ?? -1) >= (before ?? -1)) excerpt.last++;
    else excerpt.first--;
  }
}

/** Drops an introduction whose list or code did not fit, unless the excerpt was made for it. */
function withoutLooseEnd(units: readonly Quotable[], { first, last }: Excerpt, at: number): Excerpt {
  return last > at && units[last]!.text.endsWith(":") ? { first, last: last - 1 } : { first, last };
}

function growable(
  units: readonly Quotable[],
  scores: readonly number[],
  { first, last }: Excerpt,
  at: number,
  grow: number,
  limit: number,
): number | null {
  const score = scores[at];
  if (score === undefined || score < grow) return null;
  const start = Math.min(units[first]!.start, units[at]!.start);
  const end = Math.max(units[last]!.end, units[at]!.end);
  return end - start <= limit ? score : null;
}

function inContext(units: readonly Quotable[], at: number, limit: number): Excerpt {
  const unit = units[at]!;
  const fits = (first: number, last: number) => units[last]!.end - units[first]!.start <= limit;
  let first = at;
  let last = at;
  if (unit.kind === "code" && units[at - 1]?.kind === "sentence" && fits(at - 1, at)) first = at - 1;
  if (unit.isItem) first = introductionOf(units, at, fits);
  if (unit.text.endsWith(":")) last = introducedBy(units, at, fits);
  for (let back = 0; back < 2 && LEANS_BACK.test(units[first]!.text); back++) {
    if (units[first - 1]?.kind !== "sentence" || !fits(first - 1, last)) break;
    first--;
  }
  return { first, last };
}

/**
 * The sentence ending in a colon above the list that contains unit `at`, if everything between fits; otherwise `at`.
 */
function introductionOf(
  units: readonly Quotable[],
  at: number,
  fits: (first: number, last: number) => boolean,
): number {
  let first = at;
  while (units[first - 1]?.isItem) first--;
  const introduces = units[first - 1]?.kind === "sentence" && units[first - 1]!.text.endsWith(":");
  return introduces && fits(first - 1, at) ? first - 1 : at;
}

/** The last unit of the code block, rows or list items introduced by unit `at`, which ends in a colon. */
function introducedBy(units: readonly Quotable[], at: number, fits: (first: number, last: number) => boolean): number {
  const next = units[at + 1];
  if (next?.kind === "code") return fits(at, at + 1) ? at + 1 : at;
  let last = at;
  for (let items = 0; items < MAX_LIST_ITEMS; items++) {
    const unit = units[last + 1];
    if (unit === undefined || !(unit.isItem || unit.kind === "row") || !fits(at, last + 1)) break;
    last++;
  }
  return last;
}
