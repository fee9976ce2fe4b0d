import type { Passage } from "../../contracts/passage.ts";
import type { StatingPassages } from "../docs/statingPassages.ts";
import { statementIn } from "../docs/versionStatement.ts";
import type { DraftAnswer } from "./extractive.ts";
import { asksForState, asksForStateOf } from "./featureState.ts";
import { citationOf } from "./quote.ts";

/** Maximum number of version or stage statements shown with an answer. */
const MAX_STATES = 2;
/** A mixed-case word, such as a feature gate's name. "Nodes" is excluded because it occurs in many questions. */
const NAME = /^(?=.*\p{Ll})\p{L}\w*\p{Lu}\w*$/u;
/** The word beside "feature gate", which is a name even if it is a plain word, such as "Sysctls". */
const GATE = /(?<=\bfeature[- ]?gates?\s+`?)\w+|\w+(?=`?\s+feature[- ]?gate\b)/gi;
/** A word of a question. Inner dots belong to it, such as those of a field's path. */
const WORD = /[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*/gu;

/**
 * Passages that state the version or stage a question asks about. First come those of pages whose title the question
 * names, then those of the answer's sections. A section takes the statement of the closest section above it, or its
 * page's only statement. Other questions get none.
 */
export async function statesFor(
  question: string,
  drawnOn: readonly Passage[],
  stating: StatingPassages,
): Promise<Passage[]> {
  const asks = asksForState(question);
  if (!asks && !asksForStateOf(question)) return [];
  const words = [...new Set([...(question.match(WORD) ?? []), ...(question.match(GATE) ?? [])])];
  const named = (await stating.named(words)).filter((passage) => isNamed(question, passage));
  if (!asks && named.length === 0) return [];
  const there = await stating.onPages([...new Set(drawnOn.map(({ page }) => page))]);
  const above = drawnOn.flatMap((passage) => {
    const onPage = there.filter(({ page }) => page === passage.page);
    return closestState(passage, onPage) ?? [];
  });
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
