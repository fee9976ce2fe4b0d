import { type TextUnit, textUnits } from "./textUnits.ts";

/** A stretch of a passage that can be quoted and understood alone: `passage.slice(start, end)`. */
export interface Span {
  start: number;
  end: number;
  text: string;
  /** What the span is about, without the code it introduces. */
  prose: string;
  hasCode: boolean;
}

const MAX_SPAN = 700;
const MAX_LIST_ITEMS = 5;
/** Openings that lean on the sentence before. */
const LEANS_BACK =
  /^(?:this|that|these|those|it|its|they|their|such|then|however|also|otherwise|instead|therefore|thus|so|and|but|in this case|for example|if so|similarly)\b/i;

/**
 * Cuts a passage into spans: a sentence; a sentence that ends in a colon with the code or list it introduces; a code
 * block with the sentence before it; a sentence that leans on the one before ("It does this by ...") with that one.
 */
export function spansOf(passage: string): Span[] {
  const units = textUnits(passage);
  const spans: Span[] = [];
  for (let i = 0; i < units.length; i++) {
    const unit = units[i]!;
    const before = units[i - 1];
    if (unit.kind === "code") {
      const introduced = spans.at(-1);
      if (introduced !== undefined && introduced.end >= unit.end) continue;
      spans.push(spanOf(passage, before?.kind === "sentence" ? [before, unit] : [unit]));
    } else if (unit.text.endsWith(":")) spans.push(spanOf(passage, [unit, ...introducedBy(passage, units, i)]));
    else spans.push(spanOf(passage, [...leanedOn(units, i), unit]));
  }
  return spans;
}

/** The sentences before unit `i` that it cannot be understood without: none, one or two. */
function leanedOn(units: TextUnit[], i: number): TextUnit[] {
  const before: TextUnit[] = [];
  for (let at = i; before.length < 2 && LEANS_BACK.test(units[at]!.text) && units[at - 1]?.kind === "sentence"; at--)
    before.unshift(units[at - 1]!);
  return before;
}

/** The code block or the list items that unit `i`, which ends in a colon, introduces. */
function introducedBy(passage: string, units: TextUnit[], i: number): TextUnit[] {
  const next = units[i + 1];
  if (next === undefined) return [];
  if (next.kind === "code") return next.end - units[i]!.start <= MAX_SPAN ? [next] : [];
  const items: TextUnit[] = [];
  for (const item of units.slice(i + 1, i + 1 + MAX_LIST_ITEMS)) {
    const lead = passage.slice(items.at(-1)?.end ?? units[i]!.end, item.start);
    const isItem =
      item.kind === "sentence" && (/[-*+•]|\d[.)]/.test(lead) || (items.length > 0 && !lead.includes("\n")));
    if (!isItem || item.end - units[i]!.start > MAX_SPAN) break;
    items.push(item);
  }
  return items;
}

function spanOf(passage: string, units: TextUnit[]): Span {
  const start = units[0]!.start;
  const end = units.at(-1)!.end;
  const sentences = units.filter((unit) => unit.kind === "sentence");
  return {
    start,
    end,
    text: passage.slice(start, end),
    prose: (sentences.length > 0 ? sentences : units).map((unit) => unit.text.replace(/\s+/g, " ")).join(" "),
    hasCode: sentences.length < units.length,
  };
}
