import type { AskResult, Citation, Receipt } from "../../contracts/ask.ts";
import type { Passage, RankedPassage, SearchResult } from "../../contracts/passage.ts";
import { randomFence } from "../llm/fence.ts";
import type { Llm } from "../llm/llm.ts";
import { checkAnswer } from "./citations.ts";
import { type DraftAnswer, extractiveAnswer } from "./extractive.ts";
import { answerPrompt, saysNotInDocs, withoutRefusal } from "./prompt.ts";
import { bestQuote } from "./quote.ts";
import { buildReceipt, type Selection, selectPassages, shortHeading } from "./receipt.ts";
import { withStates } from "./stated.ts";
import type { SentenceScorer } from "./unitScores.ts";

/** A question with what the search found for it. */
export interface Asked {
  question: string;
  corpus: string;
  search: SearchResult;
  /** Passages the answer may draw on, at most. */
  passages: number;
  /** Passages that state the version or stage a question asks about (stated.ts). */
  states?: Passage[];
}

const CLOSEST = 3;
/** An answer that shares less of its words with what it cites was made up, or steered by a planted instruction. */
const MIN_SUPPORT = 0.3;
const NOT_ANSWERED = "The docs do not seem to answer this question. The closest passages are listed.";
const CUT = "(The answer was cut at the model's length limit.)";

/**
 * Answers from the passages that reach the threshold: by the LLM where one is given, else by quotation. Where none
 * reaches it there is no LLM call, and the result is an abstention. Throws what `Llm.complete` throws, so that the
 * caller can retry and, in the end, fall back to `degraded`.
 */
export async function composeAnswer(
  asked: Asked,
  llm: Llm | null,
  scoreSentences: SentenceScorer,
  signal?: AbortSignal,
): Promise<AskResult> {
  const selection = selectionOf(asked);
  if (asked.search.abstain || selection.selected.length === 0) return abstention(asked, "threshold", null);
  if (llm !== null) return llmAnswer(asked, llm, signal);
  const draft = await extractiveAnswer(asked.question, selection.selected, scoreSentences, asked.search.passages);
  if (draft === null) return abstention(asked, "quotation", null);
  return result(asked, selection, "extractive", withStates(asked.question, draft, asked.states ?? []), null);
}

/** The LLM's answer with its citations checked; an abstention when it says that the passages do not answer. */
export async function llmAnswer(asked: Asked, llm: Llm, signal?: AbortSignal): Promise<AskResult> {
  const selection = selectionOf(asked);
  const given = withStatesLast(selection.selected, asked.states ?? []);
  const messages = answerPrompt(asked.question, given, randomFence());
  const reply = await llm.complete(messages, signal);
  if (saysNotInDocs(reply.text)) return abstention(asked, "llm", llm.model);
  const { text, citations, unsupported, support } = checkAnswer(withoutRefusal(reply.text), given);
  if (citations.length === 0 || support < MIN_SUPPORT)
    return degraded(asked, "its answer could not be traced to any passage", llm.model);
  const notes = [text];
  if (reply.cut) notes.push(CUT);
  return { ...result(asked, selection, "llm", { text: notes.join("\n\n"), citations }, llm.model), unsupported };
}

/** "Not in these docs", with the closest passages. */
export function abstention(
  asked: Asked,
  refusedBy: NonNullable<Receipt["refusedBy"]>,
  model: string | null,
): AskResult {
  return {
    answer: NOT_ANSWERED,
    kind: "abstained",
    citations: [],
    closest: ordered(asked.search.passages)
      .slice(0, CLOSEST)
      .map((passage) => quoteFor(asked, passage)),
    unsupported: [],
    receipt: buildReceipt(asked.search, selectionOf(asked), { corpus: asked.corpus, refusedBy, model }),
  };
}

/** The passages themselves, where the LLM failed for good; `why` finishes "the language model ...". */
export function degraded(asked: Asked, why: string, model: string | null): AskResult {
  const selection = selectionOf(asked);
  const citations = selection.selected.map((passage) => quoteFor(asked, passage));
  const lines = citations.map((citation, index) => `[${index + 1}] ${citation.heading.join(" > ")}: ${citation.quote}`);
  const text = [`No answer by the language model: ${why}. The passages that match best:`, ...lines].join("\n\n");
  return result(asked, selection, "degraded", { text, citations }, model);
}

function result(
  asked: Asked,
  selection: Selection,
  kind: AskResult["kind"],
  draft: DraftAnswer,
  model: string | null,
): AskResult {
  return {
    answer: draft.text,
    kind,
    citations: draft.citations.map(shortened),
    closest: [],
    unsupported: [],
    receipt: buildReceipt(asked.search, selection, { corpus: asked.corpus, refusedBy: null, model }),
  };
}

function withStatesLast(selected: Passage[], states: Passage[]): Passage[] {
  const known = new Set(selected.map(({ id }) => id));
  return [...selected, ...states.filter(({ id }) => !known.has(id))];
}

function selectionOf(asked: Asked): Selection {
  return selectPassages(asked.search.passages, asked.search.threshold, asked.passages);
}

function ordered(passages: RankedPassage[]): RankedPassage[] {
  return [...passages].sort((a, b) => a.rank.served - b.rank.served);
}

function quoteFor(asked: Asked, passage: RankedPassage): Citation {
  return shortened(bestQuote(asked.question, passage));
}

function shortened(citation: Citation): Citation {
  return { ...citation, heading: shortHeading(citation.heading) };
}
