import type { Passage } from "../../contracts/passage.ts";
import type { DraftAnswer } from "./extractive.ts";
import { asksForState, asksForStateOf, statesVersion } from "./featureState.ts";
import { citationOf } from "./quote.ts";

/** Maximum number of version or stage statements shown with an answer. */
const MAX_STATES = 2;
/** A mixed-case word, such as a feature gate's name. "Nodes" is excluded because it occurs in many questions. */
const NAME = /^(?=.*\p{Ll})\p{L}\w*\p{Lu}\w*$/u;
/** The word beside "feature gate", which is a name even if it is a plain word, such as "Sysctls". */
const GATE = /(?<=\bfeature[- ]?gates?\s+`?)\w+|\w+(?=`?\s+feature[- ]?gate\b)/gi;
/** A word of a question. Inner dots belong to it, such as those of a field's path. */
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
 * Passages that state the version or stage a question asks about. First come those of pages whose title the question
 * names, then those of the answer's sections. A section takes the statement of the closest section above it, or its
 * page's only statement. Other questions get none.
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
 * Puts at most two statements in front of the draft if it does not quote them itself. Their pages must be cited by it
 * or named in the question. Their numbers follow those of the draft.
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

/** True if the question contains the page's title as a word: a mixed-case name, or any word beside "feature gate". */
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

/** Position of the first statement in a text. */
function statementIn(text: string): { start: number; end: number } | null {
  let start = 0;
  for (const line of text.split("\n")) {
    if (statesVersion(line)) return { start, end: start + line.trimEnd().length };
    start += line.length + 1;
  }
  return null;
}
