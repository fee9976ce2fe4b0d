import { introduces, isEnded, labelLines, type Quotable } from "./quotable.ts";

/** A run of neighbouring quotables: `units.slice(first, last + 1)`. */
export interface Excerpt {
  first: number;
  last: number;
}

type Fits = (first: number, last: number) => boolean;

const MAX_LIST_ITEMS = 6;
const TITLE_WORDS = 3;
/** Openings that refer back to the previous sentence. */
const LEANS_BACK =
  /^(?:this|that|these|those|it|its|they|their|such|then|however|also|otherwise|instead|therefore|thus|so|and|but|in this case|for example|if so|similarly)\b/i;

/**
 * The excerpt around unit `at` that is understandable on its own. It includes:
 * - the sentence that introduces code;
 * - the code or list that an introduction introduces;
 * - the introduction of a list item;
 * - the option or term that the unit describes;
 * - the previous sentence, if the unit refers back to it.
 *
 * The excerpt then adds neighbours that score at least `grow`, up to `limit` characters. A list item or table row
 * and the paragraph after it do not meet in an excerpt.
 */
export function excerptAround(
  units: readonly Quotable[],
  at: number,
  scores: readonly number[],
  grow: number,
  limit: number,
): Excerpt {
  const fits: Fits = (first, last) =>
    units[last]!.end - units[first]!.start <= limit && !units.slice(first, last + 1).some(isSevered(first, last));
  const excerpt = inContext(units, at, fits);
  const scoreOf = (edge: number, first: number, last: number) => {
    const score = scores[edge];
    return score === undefined || score < grow || !fits(first, last) ? null : score;
  };
  for (;;) {
    const { first, last } = excerpt;
    const before = first > 0 && follows(units[first - 1]!, units[first]!) ? scoreOf(first - 1, first - 1, last) : null;
    const after =
      last + 1 < units.length && follows(units[last]!, units[last + 1]!) ? scoreOf(last + 1, first, last + 1) : null;
    if (before === null && after === null) return withoutLooseEnd(units, excerpt, at);
    if ((after ?? -1) >= (before ?? -1)) excerpt.last++;
    else excerpt.first--;
  }
}

/** True for code inside the run from `first` to `last` whose left-out lines would lie between its units. */
function isSevered(first: number, last: number) {
  return ({ cut }: Quotable, at: number) => (cut.before && at > 0) || (cut.after && first + at < last);
}

/** False where a list item or table row meets a paragraph that does not introduce it. */
function follows(unit: Quotable, next: Quotable): boolean {
  if (unit.kind === "row") return next.kind === "row";
  if (unit.isItem) return next.isItem || next.kind === "code";
  return next.isItem || next.kind === "row" ? introduces(unit, next) : true;
}

/** Drops an introduction whose list or code did not fit, unless the excerpt was made for it. */
function withoutLooseEnd(units: readonly Quotable[], { first, last }: Excerpt, at: number): Excerpt {
  return last > at && introduces(units[last]!, units[last + 1]) ? { first, last: last - 1 } : { first, last };
}

function inContext(units: readonly Quotable[], at: number, fits: Fits): Excerpt {
  const unit = units[at]!;
  let first = at;
  let last = at;
  if (unit.kind === "code" && units[at - 1]?.kind === "sentence" && fits(at - 1, at)) first = at - 1;
  if (isTitle(units[first]!) && units[first - 1]?.text.endsWith(":") && fits(first - 1, at)) first--;
  if (unit.isItem) first = introductionOf(units, at, fits);
  if (introduces(unit, units[at + 1])) last = introducedBy(units, at, fits);
  else if (unit.opensLine && !unit.isItem && !isEnded(unit)) last = describedBy(units, at, fits);
  for (let back = 0; back < 2 && LEANS_BACK.test(units[first]!.text); back++) {
    const before = units[first - 1];
    if (before?.kind !== "sentence" || !follows(before, units[first]!) || !fits(first - 1, last)) break;
    first--;
  }
  const labels = labelLines(units, first);
  return { first: labels > 0 && fits(first - labels, last) ? first - labels : first, last };
}

/** True for a title above code, such as a file's name. */
function isTitle({ kind, text }: Quotable): boolean {
  return kind === "sentence" && text.endsWith(":") && text.split(/\s+/).length <= TITLE_WORDS;
}

/** The sentence that introduces the list of unit `at`, if everything between fits; otherwise the start of the item. */
function introductionOf(units: readonly Quotable[], at: number, fits: Fits): number {
  let first = at;
  while (units[first - 1]?.isItem) first--;
  const before = units[first - 1];
  if (before !== undefined && introduces(before, units[first]) && fits(first - 1, at)) return first - 1;
  let start = at;
  while (!units[start]!.opensLine && fits(start - 1, at)) start--;
  return start;
}

/** The last unit of the code block, sentence, rows or list items introduced by unit `at`. */
function introducedBy(units: readonly Quotable[], at: number, fits: Fits): number {
  const next = units[at + 1];
  if (next !== undefined && isTitle(next) && units[at + 2]?.kind === "code" && fits(at, at + 2)) return at + 2;
  if (next?.kind === "code" || (next?.kind === "sentence" && !next.isItem)) return fits(at, at + 1) ? at + 1 : at;
  let last = at;
  for (let items = 0; items < MAX_LIST_ITEMS; items++) {
    const unit = units[last + 1];
    if (unit === undefined || !(unit.isItem || unit.kind === "row") || !fits(at, last + 1)) break;
    last++;
  }
  return last;
}

/** The sentence that describes the option or term of unit `at`. */
function describedBy(units: readonly Quotable[], at: number, fits: Fits): number {
  for (let next = at + 1; next < units.length && next <= at + 3; next++) {
    if (labelLines(units, next) >= next - at) return fits(at, next) ? next : at;
  }
  return at;
}
