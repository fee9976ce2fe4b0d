import type { Passage } from "../../contracts/passage.ts";
import { cleanHeading, cleanWords } from "./cleanText.ts";
import type { Judgment } from "./question.ts";

/** The section that a stale judgment most likely means now. */
export interface NearestTarget {
  page: string;
  heading: string;
  /** `evidence`: it holds most of the evidence's words. `name`: its page or heading is named alike. */
  by: "evidence" | "name";
}

/** Smallest share of the evidence's words that a suggested passage holds. */
const WORDS_KEPT = 0.5;
/** Smallest similarity of names, 0..1. */
const ALIKE = 0.35;
/** Added to the share of words for a passage of the judgment's own page. */
const OWN_PAGE = 0.15;

/** Finds replacements for stale judgments. The passages are cleaned once, for the first judgment with evidence. */
export function nearestTargets(passages: readonly Passage[]): (judgment: Judgment) => NearestTarget | null {
  let words: Set<string>[] | null = null;
  return (judgment) => {
    const evidence = [...new Set(cleanWords(judgment.evidence ?? ""))];
    if (evidence.length > 0) {
      words ??= passages.map(({ text }) => new Set(cleanWords(text)));
      const found = byEvidence(judgment, evidence, passages, words);
      if (found) return found;
    }
    return byName(judgment, passages);
  };
}

function byEvidence(
  { path }: Judgment,
  evidence: string[],
  passages: readonly Passage[],
  words: readonly Set<string>[],
): NearestTarget | null {
  const kept = words.map((own) => evidence.filter((word) => own.has(word)).length / evidence.length);
  const best = highest(passages, (passage, at) => kept[at]! + (passage.page === path ? OWN_PAGE : 0));
  return best === null || kept[best]! < WORDS_KEPT ? null : { ...placeOf(passages[best]!), by: "evidence" };
}

/** The section named most alike: on the judgment's page, or on any page if that one is gone. */
function byName({ path, heading }: Judgment, passages: readonly Passage[]): NearestTarget | null {
  const own = passages.filter(({ page }) => page === path);
  const wanted = cleanHeading(heading);
  const alike = ({ page, heading: trail }: Passage) => {
    const byHeading = likeness(wanted, cleanHeading(trail.at(-1) ?? ""));
    return own.length > 0 ? byHeading : (likeness(path, page) + byHeading) / (wanted === "" ? 1 : 2);
  };
  const among = own.length > 0 ? own : passages;
  const best = highest(among, alike);
  if (best === null || (own.length === 0 && alike(among[best]!) < ALIKE)) return null;
  return { ...placeOf(among[best]!), by: "name" };
}

function placeOf({ page, heading }: Passage) {
  return { page, heading: heading.at(-1) ?? "" };
}

/** Index of the item with the highest score; null if there is none. */
function highest<T>(items: readonly T[], score: (item: T, at: number) => number): number | null {
  let best: { at: number; score: number } | null = null;
  for (const [at, item] of items.entries()) {
    const own = score(item, at);
    if (best === null || own > best.score) best = { at, score: own };
  }
  return best?.at ?? null;
}

/** Dice's coefficient of two names' pairs of letters, 0..1. */
function likeness(a: string, b: string): number {
  const [pairsA, pairsB] = [pairsOf(a), pairsOf(b)];
  const shared = [...pairsA].filter((pair) => pairsB.has(pair)).length;
  const all = pairsA.size + pairsB.size;
  return all === 0 ? 0 : (2 * shared) / all;
}

function pairsOf(name: string): Set<string> {
  const letters = name.toLowerCase();
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)));
}
