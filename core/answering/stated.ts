import type { Passage } from "../../contracts/passage.ts";
import type { DraftAnswer } from "./extractive.ts";
import { asksForState, asksForStateOf, statesVersion } from "./featureState.ts";
import { citationOf } from "./quote.ts";

/** Statements of version or stage that are put beside an answer, at most. */
const MAX_STATES = 2;
/** A name written as one word in mixed case, such as a feature gate's; "Nodes" is a word of many questions. */
const NAME = /^(?=.*\p{Ll})\p{L}\w*\p{Lu}\w*$/u;
/** The word beside "feature gate", which names one even where it is a plain word, such as "Sysctls". */
const GATE = /(?<=\bfeature[- ]?gates?\s+`?)\w+|\w+(?=`?\s+feature[- ]?gate\b)/gi;
/** A word of a question; dots inside belong to it, such as those of a field's path. */
const WORD = /[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*/gu;

/** The passages of a release that state versions or stages, by page. */
export function statingPassages(passages: readonly Passage[]): Map<string, Passage[]> {
  const byPage = new Map<string, Passage[]>();
  for (const passage of passages) {
    if (statementIn(passage.text) === null) continue;
    byPage.set(passage.page, [...(byPage.get(passage.page) ?? []), passage]);
  }
  return byPage;
}

/**
 * For a question that asks about a version or stage: the passages that state it for pages whose title the question
 * names, then for the sections the answer draws on, each by the closest section above it, or by the one statement of its
 * page. Else none.
 */
export function statesFor(
  question: string,
  drawnOn: readonly Passage[],
  stating: ReadonlyMap<string, Passage[]>,
): Passage[] {
  const named = [...stating.values()].map((passages) => passages[0]!).filter((passage) => isNamed(question, passage));
  if (!asksForState(question) && !(named.length > 0 && asksForStateOf(question))) return [];
  const above = drawnOn.flatMap((passage) => closestState(passage, stating.get(passage.page) ?? []) ?? []);
  const byId = new Map([...named, ...above].map((passage) => [passage.id, passage]));
  return [...byId.values()];
}

/**
 * The draft with the statements in front that it does not quote itself, at most two, of pages that it cites or that the
 * question names; their numbers follow those of the draft.
 */
export function withStates(question: string, draft: DraftAnswer, states: readonly Passage[]): DraftAnswer {
  const cited = new Set(draft.citations.map(({ page }) => page));
  const fitting = states
    .filter((passage) => cited.has(passage.page) || isNamed(question, passage))
    .slice(0, MAX_STATES);
  const missing = fitting.flatMap((passage) => {
    const at = statementIn(passage.text);
    const said = at === null || draft.text.includes(passage.text.slice(at.start, at.end));
    return said ? [] : [citationOf(passage, at.start, at.end)];
  });
  const number = (at: number) => draft.citations.length + at + 1;
  const stated = missing.map(({ heading, quote }, at) => `${heading.at(-1)}: ${quote} [${number(at)}]`);
  return { text: [...stated, draft.text].join("\n\n"), citations: [...draft.citations, ...missing] };
}

/** True where the question holds the page's title as a word: a name in mixed case, or any beside "feature gate". */
function isNamed(question: string, { heading }: Passage): boolean {
  const title = heading[0] ?? "";
  if (!question.includes(title)) return false;
  const words: string[] = question.match(NAME.test(title) ? WORD : GATE) ?? [];
  return words.includes(title);
}

function closestState(passage: Passage, stating: readonly Passage[]): Passage | undefined {
  const above = stating.filter(({ heading }) => heading.every((step, at) => passage.heading[at] === step));
  const closest = above.sort((a, b) => b.heading.length - a.heading.length)[0];
  return closest ?? (stating.length === 1 ? stating[0] : undefined);
}

/** Where the first statement of a text stands. */
function statementIn(text: string): { start: number; end: number } | null {
  let start = 0;
  for (const line of text.split("\n")) {
    if (statesVersion(line)) return { start, end: start + line.trimEnd().length };
    start += line.length + 1;
  }
  return null;
}
