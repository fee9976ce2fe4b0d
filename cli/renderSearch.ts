import type { RankedPassage, SearchResult } from "../contracts/passage.ts";
import { bestRelevance } from "../core/answering/receipt.ts";
import { apart } from "../core/base/apart.ts";
import { number } from "./numbers.ts";
import { snippet } from "./snippet.ts";
import { bold, cyan, dim, HANG, yellow } from "./style.ts";
import { widthOf } from "./wrap.ts";

/** Widest snippet, for lines that can be read. */
const WIDEST = 120;

export interface SearchView {
  /** Passages to show. */
  k: number;
  /** Shows every score of a passage. */
  explain?: boolean;
  columns: number;
}

/** Formats ranked passages as cards: heading, address, and two lines of text with the question's words marked. */
export function renderSearch(question: string, result: SearchResult, { k, explain, columns }: SearchView): string {
  return [renderCards(question, result.passages.slice(0, k), { explain, columns }), footOf(result)].join("\n\n");
}

/** Formats passages as cards, without the release's verdict. */
export function renderCards(
  question: string,
  passages: readonly RankedPassage[],
  { explain, columns }: Omit<SearchView, "k">,
): string {
  return passages.map((passage) => card(question, passage, { explain, columns, count: passages.length })).join("\n\n");
}

function card(
  question: string,
  passage: RankedPassage,
  { explain, columns, count }: { explain?: boolean; columns: number; count: number },
): string {
  const { rank, heading, url, page, lines } = passage;
  const number = `${rank.served}.`.padStart(`${count}.`.length);
  const indent = " ".repeat(number.length + 1);
  const width = Math.min(columns, WIDEST) - widthOf(indent);
  return [
    `${number} ${HANG}${bold(heading.join(" > "))}`,
    `${indent}${cyan(url)} ${dim(`${page}:${lines[0]}`)}`,
    ...snippet(question, passage, width).map((line) => `${indent}${line}`),
    ...(explain ? [`${indent}${dim(scoresOf(passage))}`] : []),
  ].join("\n");
}

function scoresOf({ rank, scores }: RankedPassage): string {
  const { relevance, logit, cosine, bm25 } = scores;
  const reranker = logit === null ? "reranker off" : `logit ${number(logit, 2)}`;
  return `relevance ${number(relevance)}, ${reranker}, cosine ${number(cosine, 2)}, BM25 ${number(bm25, 1)}, rank before reranking ${rank.retrieval}`;
}

function footOf({ passages, threshold, limits, abstain, unsure, release, ranking, unmeasured }: SearchResult): string {
  const [relevance, limit] = apart(
    bestRelevance(passages),
    abstain ? limits.refuse : unsure ? limits.answer : threshold,
  );
  const numbers = `The best relevance is ${relevance}, the threshold ${limit}`;
  const doubt = abstain ? "refuse this question" : unsure ? "not be sure" : null;
  const verdict = doubt === null ? `${numbers}.` : yellow(`\`winnow ask\` would ${doubt}. ${numbers}.`);
  const estimated = unmeasured ? ", not measured yet: relevance and threshold are estimates" : "";
  return `${verdict}\n${dim(`Release ${release}, order: ${ranking}${estimated}.`)}`;
}
